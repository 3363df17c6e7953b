"""`hiring init`: a .env that works as it stands."""

from __future__ import annotations

import re
import stat

import pytest
from dotenv import dotenv_values

from contract.settings import PREFIX, Settings
from operations.setup import AlreadyThere, NoAddress, init


def test_the_written_file_makes_settings_and_its_token_is_the_one_in_the_url(tmp_path):
    made = init(tmp_path / ".env", "https://hooks.example.com/")
    settings = Settings.from_environ(dotenv_values(made.path))
    prefix, _, token = made.url.rpartition("/")
    assert prefix == "https://hooks.example.com/webhooks/occupop"
    (known,) = settings.webhook_tokens
    assert known.label == "occupop"
    assert known.matches(token)
    assert not settings.admin_token[0].matches(token)


def test_only_the_owner_can_read_it(tmp_path):
    made = init(tmp_path / ".env", None)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_every_setting_is_there_with_its_default_and_uncommented_they_are_accepted(tmp_path):
    made = init(tmp_path / ".env", None)
    text = made.path.read_text()
    assert {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} == set(
        re.findall(rf"^#? ?({PREFIX}\w+)=", text, re.MULTILINE)
    )
    made.path.write_text(re.sub(rf"^# ({PREFIX}\w+=)", r"\1", text, flags=re.MULTILINE))
    changed = Settings.from_environ(dotenv_values(made.path))
    default = Settings.from_environ({})
    secret = {"webhook_tokens", "admin_token"}
    assert changed.model_dump(exclude=secret) == default.model_dump(exclude=secret)


def test_a_file_that_is_there_is_never_lost(tmp_path):
    path = tmp_path / ".env"
    path.write_text("HIRING_WEBHOOK_TOKENS=the-only-copy-of-it\n")
    with pytest.raises(AlreadyThere):
        init(path, None)
    assert path.read_text() == "HIRING_WEBHOOK_TOKENS=the-only-copy-of-it\n"
    init(path, None, force=True)
    assert (tmp_path / ".env.old").read_text() == "HIRING_WEBHOOK_TOKENS=the-only-copy-of-it\n"
    assert "the-only-copy-of-it" not in path.read_text()


def test_two_calls_make_two_tokens(tmp_path):
    assert init(tmp_path / "a", None).url != init(tmp_path / "b", None).url


@pytest.mark.parametrize(
    "address",
    ["http://hooks.example.com", "hooks.example.com", "https://", "https://[", "ftp://localhost"],
)
def test_an_address_that_would_send_the_token_in_the_clear_or_nowhere_is_refused(tmp_path, address):
    with pytest.raises(NoAddress):
        init(tmp_path / ".env", address)
    assert not (tmp_path / ".env").exists()


def test_loopback_may_be_plain(tmp_path):
    assert init(tmp_path / ".env", "http://localhost:8000").url.startswith("http://localhost:8000/")
