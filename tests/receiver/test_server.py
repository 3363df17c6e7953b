"""Processes: start, stop, kill, restart, several workers. Nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.campaign.audit import audit
from benchmarks.campaign.crashes import cuts, kills
from benchmarks.campaign.faults import FAULTS, faults
from benchmarks.campaign.sender import Sender, Sent
from benchmarks.campaign.serving import ADMIN, BUSY, TOKEN, Serving
from contract import durable, envelope
from contract.landing import Landing
from receiver import metrics
from receiver.frames import frame
from receiver.server import listen, shares
from tests.receiver.conftest import eventually, payload
from tests.receiver.test_seal import line


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Serving]]:
    """Receivers that are killed after the test."""
    every: list[Serving] = []
    yield every
    for serving in every:
        serving.kill()


async def load(
    serving: Serving, seconds: float, during: int | None = None, until: str = ""
) -> Sent:
    """Load for a while; `during` is a signal that the receiver gets in the middle.

    It goes on until the log says `until`, for a minute at most.
    """
    sender = Sender(serving.port, serving.path, seed=1)
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(seconds / 2)
    if during is not None:
        serving.process.send_signal(during)
    await asyncio.sleep(seconds / 2)
    end = time.monotonic() + 60
    while until not in serving.log.read_text() and time.monotonic() < end:
        await asyncio.sleep(0.1)
    sender.stop()
    await running
    return sender.result


def test_sigterm_under_load_loses_no_answered_request(
    tmp_path: Path, started: list[Serving]
) -> None:
    serving = Serving(tmp_path / "home", workers=2, **BUSY)
    started.append(serving)
    serving.wait()
    sent = asyncio.run(load(serving, 1.0, signal.SIGTERM))
    assert serving.process.wait(60) == 0
    verdict = audit(tmp_path / "home", sent)
    assert verdict.acked > 50
    assert verdict.good, verdict


def test_a_rolling_restart_loses_nothing_and_answers_all_along(
    tmp_path: Path, started: list[Serving]
) -> None:
    serving = Serving(tmp_path / "home", workers=2, **BUSY)
    started.append(serving)
    serving.wait()
    eventually(lambda: '"ready"' in serving.log.read_text())
    sent = asyncio.run(load(serving, 1.0, signal.SIGHUP, until='"restarted"'))
    assert '"restarted"' in serving.log.read_text()
    assert serving.stop() == 0
    assert audit(tmp_path / "home", sent).good
    # A third slot shows that the new worker came before the old one went. Its lock says so; it need
    # not have sealed anything, since open connections stay with the worker that took them.
    assert Landing(tmp_path / "home").lock("w2").exists()
    assert set(sent.statuses) == {200}


def test_it_serves_before_old_journals_are_sealed(tmp_path: Path, started: list[Serving]) -> None:
    """The seal of an old journal is held up for as long as we like: nothing waits for it."""
    landing = Landing(tmp_path / "home")
    path = landing.journal("w0", 1)
    durable.make_directory(path.parent)
    path.write_bytes(frame(line(1)) * 100)
    head = envelope.head(line(1))
    segment = landing.segment(head["event_name"], head["landed_at"][:10], "w0", 1)
    held_up = landing.root / (segment + durable.TEMPORARY)
    held_up.parent.mkdir(parents=True)
    os.mkfifo(held_up)  # opening it to write waits for a reader, and there is none
    serving = Serving(tmp_path / "home", workers=1)
    started.append(serving)
    serving.wait()
    url = f"http://127.0.0.1:{serving.port}" + serving.path
    assert httpx.post(url, content=payload()).status_code == 200
    assert list(landing.entries({})) == []
    serving.kill()
    held_up.unlink()
    again = Serving(tmp_path / "home", workers=1)
    started.append(again)
    eventually(lambda: sum(entry.rows for entry in landing.entries({})) == 101)


def test_journals_that_a_dead_worker_left_are_sealed_by_another(
    tmp_path: Path, started: list[Serving]
) -> None:
    landing = Landing(tmp_path / "home")
    for slot in ("w7", "elsewhere-w0"):
        path = landing.journal(slot, 3)
        durable.make_directory(path.parent)
        path.write_bytes(frame(line(1)))
        landing.lock(slot).touch()
    serving = Serving(tmp_path / "home", workers=1)
    started.append(serving)
    serving.wait()
    eventually(lambda: {"w7", "elsewhere-w0"} <= set(landing.slots()))
    eventually(lambda: not list(landing.journals.glob("*.journal")))


def test_an_idle_worker_seals_by_age(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path / "home", workers=1, seal_seconds="0.3")
    started.append(serving)
    serving.wait()
    url = f"http://127.0.0.1:{serving.port}"
    assert httpx.post(url + serving.path, content=payload()).status_code == 200
    landing = Landing(tmp_path / "home")
    eventually(lambda: [entry.rows for entry in landing.entries({})] == [1])


def test_a_worker_that_dies_is_replaced_and_metrics_go_on(
    tmp_path: Path, started: list[Serving]
) -> None:
    serving = Serving(tmp_path / "home", workers=2)
    started.append(serving)
    serving.wait()
    url = f"http://127.0.0.1:{serving.port}"
    for number in range(5):
        assert httpx.post(url + serving.path, content=payload(number)).status_code == 200
    state = tmp_path / "home" / "state"
    eventually(lambda: sum(counts.landed.total() for counts in metrics.read_all(state)) == 5)
    children = Path(f"/proc/{serving.process.pid}/task/{serving.process.pid}/children")
    workers = [
        int(pid)
        for pid in children.read_text().split()
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(workers[0], signal.SIGKILL)
    eventually(lambda: serving.log.read_text().count('"started"') == 3)
    answer = httpx.get(url + "/metrics", headers={"authorization": f"Bearer {ADMIN}"})
    label = 'hiring_receiver_landed_total{event_name="CandidateResource_updated"}'
    assert f"{label} 5.0" in answer.text


def test_a_worker_that_starts_does_not_make_the_others_wait_in_accept() -> None:
    with listen("127.0.0.1", 0) as listener:
        first = shares(listener)  # serves
        unpickled = socket.socket(fileno=os.dup(listener.fileno()))  # as a worker gets it
        second = shares(unpickled)
        modes = [os.get_blocking(sock.fileno()) for sock in (*first, *second)]
        for sock in (*first, *second):
            sock.close()
    assert modes == [False] * len(modes)


def test_workers_end_when_their_parent_was_killed(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path / "home", workers=2)
    started.append(serving)
    serving.wait()
    serving.process.kill()
    serving.process.wait()
    eventually(lambda: not serving.answers())


def test_a_taken_address_is_said_and_is_a_failure(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path / "home", workers=1)
    started.append(serving)
    serving.wait()
    second = Serving(tmp_path / "other", workers=1, port=serving.port)
    started.append(second)
    assert second.process.wait(60) != 0
    assert "Address already in use" in second.log.read_text()


def test_the_log_tells_no_token(tmp_path: Path, started: list[Serving]) -> None:
    serving = Serving(tmp_path / "home", workers=1, log_level="DEBUG")
    started.append(serving)
    serving.wait()
    url = f"http://127.0.0.1:{serving.port}"
    httpx.post(url + serving.path, content=b"p1@example.com is not JSON")
    httpx.get(url + serving.path + "?secret=1")
    httpx.get(url + "/webhooks/occupop/wrong-token")
    serving.stop()
    text = serving.log.read_text()
    assert '"quarantined"' in text
    for secret in (TOKEN, ADMIN, "example.com", "secret=1", "wrong-token"):
        assert secret not in text


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, started: list[Serving]) -> None:
    """The disk that is full may be the one with the log."""
    serving = Serving(tmp_path / "home", workers=1, log=Path("/dev/full"), **BUSY)
    started.append(serving)
    serving.wait()
    url = f"http://127.0.0.1:{serving.port}" + serving.path
    for body in (payload(), b"bad", payload()):
        assert httpx.post(url, content=body).status_code == 200
    assert serving.stop() == 0
    assert sum(entry.rows for entry in Landing(tmp_path / "home").entries({})) == 2


def test_a_kill_under_load_loses_no_answered_request(tmp_path: Path) -> None:
    for verdict in kills(tmp_path, range(1, 2)):
        assert verdict.good, verdict


@pytest.mark.fiu
@pytest.mark.parametrize("number", [0, 2], ids=lambda n: FAULTS[n].point)
def test_a_failing_disk_loses_no_answered_request(tmp_path: Path, number: int) -> None:
    [verdict] = faults(tmp_path, range(number, number + 1))
    assert verdict.acked > 0
    assert verdict.good, verdict


@pytest.mark.root
def test_a_power_cut_under_load_loses_no_answered_request(tmp_path: Path) -> None:
    [verdict] = cuts(tmp_path, range(1, 2))
    assert verdict.acked > 0
    assert verdict.good, verdict


@pytest.mark.root
@pytest.mark.eatmydata
def test_without_fsync_the_same_power_cut_loses(tmp_path: Path) -> None:
    """The control: the harness sees loss when there is one."""
    [verdict] = cuts(tmp_path, range(1, 2), ("eatmydata",))
    assert verdict.lost > 0
