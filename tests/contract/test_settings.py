from __future__ import annotations

from pathlib import Path

import pytest

from contract.settings import Settings, SettingsError

TOKEN = "abcdefghijklmnop"


def test_defaults_need_no_variable() -> None:
    settings = Settings.from_environ({"PATH": "/bin", "HIRING_HOME": ""})
    assert settings.home == Path("data").absolute()
    assert settings.webhook_tokens == ()


def test_several_tokens_have_labels_and_are_kept_as_hashes() -> None:
    settings = Settings.from_environ({"HIRING_WEBHOOK_TOKENS": f"old={TOKEN}, {TOKEN}2"})
    assert [token.label for token in settings.webhook_tokens] == ["old", "token2"]
    assert settings.webhook_tokens[0].matches(TOKEN)
    assert not settings.webhook_tokens[1].matches(TOKEN)
    assert TOKEN not in repr(settings)
    assert TOKEN not in settings.model_dump_json(exclude={"webhook_tokens"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HIRING_WEBHOOK_TOKENS", "tooshort"),
        ("HIRING_WEBHOOK_TOKENS", "has space and more"),
        ("HIRING_SEAL_SECONDS", "soon"),
        ("HIRING_TIMEZONE", "Mars/Base"),
        ("HIRING_ALLOWED_IPS", "10.0.0.0/99"),
        ("HIRING_TYPO", "1"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_environ({name: value})
    assert name in str(wrong.value)
    assert value not in str(wrong.value) or value == "1"


def test_a_lake_needs_its_catalog_and_its_place_and_shows_no_secret() -> None:
    given = {"HIRING_ENGINE": "ducklake", "HIRING_LAKE_DATA": "s3://bucket/lake/"}
    with pytest.raises(SettingsError, match=r"HIRING_ENGINE.*HIRING_LAKE_CATALOG"):
        Settings.from_environ(given)
    catalog = "postgresql://worker:an-invented-word@db/hiring"
    settings = Settings.from_environ({**given, "HIRING_LAKE_CATALOG": catalog})
    assert settings.lake_data == "s3://bucket/lake"
    assert "an-invented-word" not in repr(settings) + settings.model_dump_json()
