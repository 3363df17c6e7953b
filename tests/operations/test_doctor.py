"""`hiring doctor`: each fault is found, alone, with what mends it; what is sound is left alone."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from contract import formats
from contract.events import EVENT_NAMES
from contract.settings import Token
from operations.doctor import examine, lines


def _now():
    return datetime.now(UTC)


TOKEN = "invented-token-of-a-good-length"


class Receiver(BaseHTTPRequestHandler):
    """Answers as the receiver's health pages do."""

    ready = 200
    alive = b'{"status":"ok"}'

    def do_GET(self):
        is_ready = self.path == "/readyz"
        self.send_response(self.ready if is_ready else 200)
        self.end_headers()
        self.wfile.write(b'{"status":"ready"}' if is_ready else self.alive)

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    """serve(handler) -> a port on which it answers."""
    servers = []

    def serve(handler=Receiver):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return str(server.server_port)

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def well(home, changed, port, tmp_path, monkeypatch):
    """A home in which all is well -> findings that are wrong after a change of settings."""
    monkeypatch.chdir(tmp_path)
    for name in EVENT_NAMES:
        (home.landing.root / f"event_name={name}").mkdir(parents=True, exist_ok=True)
    home.settled(3)
    home.path.chmod(0o711)
    for name in ("state", "landing"):
        (home.path / name).chmod(0o700)
    good = {
        "webhook_tokens": (Token.of(TOKEN, "occupop"),),
        "admin_token": (Token.of("another-" + TOKEN, "admin"),),
    }
    environ = {"PORT": port(), "HIRING_WEBHOOK_TOKENS": f"occupop={TOKEN}"}

    def wrong(env=(), **options):
        found = examine(changed(**(good | options)), environ | dict(env))
        return [one for one in found if not one.ok]

    return wrong


def test_where_all_is_well_nothing_is_wrong(well):
    assert well() == []


def test_each_finding_that_is_wrong_says_how_to_mend_it(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = [one for one in examine(home.settings, {"PORT": "1"}) if not one.ok]
    assert {one.check for one in found} == {"tokens", "port", "published", "schedule"}
    assert all(one.mend for one in found)
    assert lines(found)[-1].endswith(f"{len(found)} wrong")


def test_no_token_and_short_or_shared_ones_are_wrong(well):
    assert well(webhook_tokens=())[0].mend == "hiring init"
    (short,) = well(env={"HIRING_WEBHOOK_TOKENS": "a=0123456789abcdef"})
    assert "fewer than 24" in short.what
    (shared,) = well(admin_token=(Token.of(TOKEN, "admin"),))
    assert "ADMIN_TOKEN" in shared.what


def test_an_env_file_that_others_read_is_wrong_until_mended(well, tmp_path):
    env = tmp_path / ".env"
    env.touch()
    env.chmod(0o644)
    (found,) = well()
    assert found.mend == "chmod 600 .env"
    subprocess.run(found.mend, shell=True, check=True)  # noqa: S602 - our own text
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert well() == []


@pytest.mark.parametrize("name", ["landing", "state", "warehouse.duckdb"])
def test_what_holds_personal_data_and_is_open_to_others_is_wrong_until_mended(well, home, name):
    path = home.path / name
    if not path.exists():
        path.touch()
    path.chmod(0o755)
    (found,) = well()
    assert name in found.what
    subprocess.run(found.mend, shell=True, check=True)  # noqa: S602 - our own text
    assert well() == []


def test_a_home_that_is_missing_is_wrong(well, tmp_path):
    found = well(home=tmp_path / "no where")
    assert found[0].mend == f"mkdir -m 711 -p '{tmp_path}/no where'"


@pytest.mark.root
def test_a_file_of_another_user_is_wrong(well, home):
    os.chown(home.settings.published, 65534, 65534)
    (found,) = well()
    assert "another user" in found.what


def test_a_full_disk_is_wrong(well):
    (found,) = well(free_bytes=1 << 60)
    assert found.check == "disk"


def test_a_clock_before_the_last_event_is_wrong(well, home):
    home.note("receiver/w0.json", last_event=time.time() + 4000)
    (found,) = well()
    assert (found.check, "1 h before" in found.what) == ("clock", True)


def test_a_receiver_that_cannot_land_another_program_and_none_are_told_apart(well, port):
    class Full(Receiver):
        ready = 503

    class Stranger(Receiver):
        alive = b"<html>hello</html>"

    assert "cannot land" in well(env={"PORT": port(Full)})[0].what
    assert "something else" in well(env={"PORT": port(Stranger)})[0].what
    assert "no receiver" in well(env={"PORT": "1"})[0].what


def test_a_wal_beside_the_published_file_and_an_unreadable_one_are_wrong(well, home):
    wal = home.path / "hiring.duckdb.wal"
    wal.touch()
    assert "rm" in well()[0].mend
    wal.unlink()
    home.settings.published.write_bytes(b"no database")
    assert [one.check for one in well()] == ["published"]


def test_what_a_newer_version_wrote_is_wrong_and_needs_that_version(well, home):
    (home.landing.root / "_format").write_text(f"{formats.LANDING + 1}")
    home.publish(3, format=formats.PUBLISHED + 1)
    home.ran()
    found = well()
    assert [one.check for one in found] == ["formats", "formats"]
    assert all("install the version" in one.mend for one in found)
    (home.landing.root / "_format").write_text("?")
    assert "no number" in well()[0].what


def test_a_published_file_of_an_older_version_is_renewed_by_a_sync(well, home):
    home.publish(3, format=formats.PUBLISHED - 1)
    home.ran()
    (found,) = well()
    assert (found.check, found.mend) == ("formats", "hiring sync")


def test_a_file_that_the_manifest_does_not_name_is_wrong_unless_it_is_being_sealed(well, home):
    place = home.landing.segment(EVENT_NAMES[0], "2026-11-01", "w0", 77)
    home.landing.write_segment(place, [b"{}\n"])
    assert well() == []
    os.utime(home.landing.root / place, (1, 1))
    (found,) = well()
    assert "hiring land" in found.mend
    assert place in found.what


def test_a_kind_of_event_that_never_came_is_told_once_events_come(well, home):
    (home.landing.root / f"event_name={EVENT_NAMES[0]}").rmdir()
    (found,) = well()
    assert EVENT_NAMES[0] in found.what
    assert "Settings > API Settings > Webhooks" in found.mend


def test_a_damaged_segment_and_manifest_entry_are_wrong(well, home):
    entry = home.land(_now())
    (home.landing.root / entry.files[0].path).unlink()
    home.landing.manifest("w0", entry.seq + 1).write_bytes(b"?")
    (found,) = well()
    assert "2 files" in found.what


def test_a_run_that_is_late_is_wrong(well):
    assert [one.check for one in well(sync_within=1)] == ["schedule"]


def test_mail_addresses_without_a_server_are_wrong(well):
    assert [one.check for one in well(alert_emails=("ops@example.com",))] == ["alerts"]
    assert well(alert_emails=("ops@example.com",), smtp_url=SecretStr("smtp://localhost")) == []


def test_examining_changes_nothing(well, home):
    def seen():
        return {p: (p.stat().st_mtime_ns, p.stat().st_mode) for p in home.path.rglob("*")}

    before = seen()
    well()
    assert seen() == before


def test_an_analysts_group_that_does_not_exist_is_wrong(well):
    (found,) = well(analyst_group="no-such-group")
    assert "groupadd" in found.mend
