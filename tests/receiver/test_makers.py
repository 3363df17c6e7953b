"""Frames made side by side: real processes, in order, and none for a small file."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from contract.settings import Settings
from receiver import chunk, land, makers
from receiver.chunk import Chunk, Framed
from receiver.makers import MakerDied
from tests.receiver.conftest import landed, payload

CHUNKS = [
    Chunk(payload(number) + b"\n" + payload(number, "_") + b"\n-\n", number, None, 1 << 20)
    for number in range(30)
]


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "_ALONE", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 2)


def lasting() -> Iterator[Chunk]:
    """Chunks until two processes work, and more."""
    until = time.monotonic() + 60
    while len(multiprocessing.active_children()) < 2 and time.monotonic() < until:
        yield CHUNKS[0]
    for number in range(1000):
        time.sleep(0.001)
        yield CHUNKS[number % len(CHUNKS)]


@pytest.mark.usefixtures("side_by_side")
def test_frames_come_in_the_order_of_their_chunks_and_no_process_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[Chunk] = []
    here: list[Chunk] = []

    def chunks() -> Iterator[Chunk]:
        for one in lasting():
            given.append(one)
            yield one

    def framed_here(one: Chunk) -> Framed:
        here.append(one)
        return chunk.framed(one)

    monkeypatch.setattr(makers, "framed", framed_here)
    made = list(makers.made(chunks()))
    assert made == [chunk.framed(one) for one in given]
    assert len(here) < len(given)
    assert multiprocessing.active_children() == []


def test_a_small_file_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "_cores", lambda: 2)
    for _ in makers.made(iter(CHUNKS)):
        assert multiprocessing.active_children() == []


def test_one_core_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "_ALONE", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 1)
    for _ in makers.made(iter(CHUNKS)):
        assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("side_by_side")
def test_a_process_that_is_killed_is_told_and_the_others_end() -> None:
    with pytest.raises(MakerDied, match="land the same files again"):  # noqa: PT012
        for _ in makers.made(lasting()):
            for process in multiprocessing.active_children()[:1]:
                process.kill()
    assert multiprocessing.active_children() == []


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`hiring land -` at work in several processes, in a session of its own."""
    if makers._cores() < 2:
        pytest.skip("one core lands in one process")
    with subprocess.Popen(
        [sys.executable, "-m", "hiring", "land", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"HIRING_HOME": str(tmp_path / "home")},
        start_new_session=True,
        bufsize=0,
    ) as running:
        assert running.stdin
        until, number = time.monotonic() + 60, 0
        while len(session(running.pid)) < 5:  # with the fork server and the tracker of resources
            assert time.monotonic() < until
            running.stdin.write(long_lines(number))
            number += 100
        yield running
        running.kill()


def long_lines(first: int) -> bytes:
    return b"".join(payload(first + n, profile="x" * 5000) + b"\n" for n in range(100))


def session(leader: int) -> list[int]:
    """Processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
            if int(of) == leader and state != "Z":
                found.append(int(path.parent.name))
    return found


def wait_until_ended(leader: int) -> None:
    until = time.monotonic() + 20
    while session(leader):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_an_interrupt_ends_all_processes_without_a_word(landing: subprocess.Popen[bytes]) -> None:
    os.killpg(landing.pid, signal.SIGINT)
    assert landing.wait(20) == 130
    wait_until_ended(landing.pid)
    assert landing.stderr
    told = landing.stderr.read().decode().splitlines()
    assert all(line.startswith("landing: ") for line in told)


def test_no_process_outlives_a_landing_that_is_killed(landing: subprocess.Popen[bytes]) -> None:
    landing.kill()
    wait_until_ended(landing.pid)


def test_what_is_left_of_an_interrupted_landing_is_counted_once(
    landing: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    landing.kill()
    wait_until_ended(landing.pid)
    settings = Settings(home=tmp_path / "home")
    everything = tmp_path / "all.jsonl"
    everything.write_bytes(b"".join(map(long_lines, range(0, 500, 100))))
    assert land.land(settings, [everything]).landed == 500
    heads = [head for head, _ in landed(settings.home)]
    assert len(heads) > 500  # the journal of the killed one is sealed, too
    assert len({head["event_id"] for head in heads}) == len({head["body_sha256"] for head in heads})
