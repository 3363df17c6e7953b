"""What it says of itself: health, readiness, metrics, docs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.receiver.conftest import Running, Start, payload


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MB that can be filled."""
    mount = tmp_path / "small"
    mount.mkdir()
    subprocess.run(("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount), check=True)
    yield mount
    subprocess.run(("umount", mount), check=True)


@pytest.mark.root
def test_a_full_disk_is_503_and_not_ready_until_there_is_room(
    start: Start, small_disk: Path
) -> None:
    receiver = start(home=small_disk / "home", seal_seconds=600)
    assert receiver.post(payload(1)).status_code == 200
    assert receiver.client.get("/readyz").status_code == 200
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    answer = receiver.post(payload(2, profile="x" * 200_000))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    receiver.forget_probe()
    assert receiver.admin("/readyz").json() == {"status": "not ready", "problem": "no_space"}
    filler.unlink()
    assert receiver.post(payload(3)).status_code == 200
    receiver.forget_probe()
    assert receiver.client.get("/readyz").json() == {"status": "ready"}
    assert [head["resource_uuid"] for head, _ in receiver.stop()] == ["uuid-1", "uuid-3"]


def test_a_poisoned_journal_is_503_not_ready_and_ends_the_server(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real failure of fdatasync: tests/receiver/test_server.py, with libfiu."""
    receiver = start()
    assert receiver.post(payload(1)).status_code == 200
    worker = receiver.server.app.worker
    assert worker is not None

    def fail(_descriptor: int) -> None:
        raise OSError(5, "no")

    monkeypatch.setattr(worker.commit.journal, "_sync", fail)
    answer = receiver.post(payload(2))
    assert answer.status_code == 503
    receiver.thread.join(60)
    assert receiver.server.failed
    again = start()
    heads = [head["resource_uuid"] for head, _ in again.stop()]
    assert heads == ["uuid-1", "uuid-2"]  # unanswered, but it reached the disk


def test_healthz_is_open_and_bare(receiver: Running) -> None:
    assert receiver.client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/metrics", "/docs", "/openapi.json"])
def test_the_rest_is_for_the_admin_token_only(start: Start, path: str) -> None:
    receiver = start()
    assert receiver.client.get(path).status_code == 404
    wrong = receiver.client.get(path, headers={"authorization": "Bearer wrong-0000000000000000"})
    assert wrong.status_code == 404
    assert receiver.admin(path).status_code == 200
    receiver.stop()
    assert start(admin_token=()).admin(path).status_code == 404


def test_metrics_count_what_happened_under_known_names_only(receiver: Running) -> None:
    receiver.post(payload(1))
    receiver.post(payload(2, "Invented_by_a_stranger"))
    receiver.post(b"bad")
    receiver.post(b'{"test":true}')
    receiver.client.post("/webhooks/occupop/wrong", content=b"")
    text = receiver.admin("/metrics").text
    for line in (
        "received_total 3.0",
        'landed_total{event_name="CandidateResource_updated"} 1.0',
        'landed_total{event_name="_unknown"} 1.0',
        'quarantined_total{reason="not_json"} 1.0',
        'refused_total{reason="wrong_token"} 1.0',
        "pings_total 1.0",
        "fdatasync_seconds_count 2.0",
        "batch_lines_sum 2.0",
        "queue_lines 0.0",
        "workers 1.0",
    ):
        assert f"hiring_receiver_{line}\n" in text
    assert "seconds_since_last_event" in text
    assert "stranger" not in text


def test_counts_go_on_after_a_restart(start: Start) -> None:
    for _ in range(2):
        receiver = start()
        receiver.post(payload())
        receiver.stop()
    assert receiver.counts.landed["CandidateResource_updated"] == 2


def test_openapi_declares_the_route_that_fastapi_does_not_serve(receiver: Running) -> None:
    schema = receiver.admin("/openapi.json").json()
    post = schema["paths"]["/webhooks/occupop/{token}"]["post"]
    assert set(post["responses"]) == {"200", "404", "405", "408", "413", "415", "431", "503"}
    assert "post" in schema["webhooks"]["occupop"]


def test_the_docs_page_needs_no_network_and_names_every_status(receiver: Running) -> None:
    text = receiver.admin("/docs").text
    assert "POST /webhooks/occupop/{token}" in text
    assert "Content-Encoding" in text
    assert "<script" not in text
    assert "http" not in text.replace("<!doctype html>", "")
