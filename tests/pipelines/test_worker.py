"""The worker: no overlap, back-off, a clean end; with real signals and a real lock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from contract import lock
from pipelines.rhythm import Every, rhythm
from pipelines.stop import Stop
from pipelines.worker import Job, stops_on_signals, work

ROOT = Path(__file__).parents[2]
FAST = Every(0.05)
BY_HAND = """
import sys
from pathlib import Path
from contract import lock

with lock.held(Path(sys.argv[1]), "by hand"):
    print(flush=True)
    sys.stdin.readline()
"""
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


@pytest.fixture
def run(tmp_path):
    """run(jobs) in this thread until one of them sets `run.stop`; gives the notes."""

    def run(*jobs, **options):
        run.went_well = work(jobs, stop=run.stop, state=tmp_path, **options)
        return json.loads((tmp_path / "worker.json").read_bytes())["jobs"]

    run.stop = Stop()
    guard = threading.Timer(60, run.stop.set)
    guard.start()
    yield run
    guard.cancel()


def counting(stop, most, error=None):
    """A job's function that is run `most` times, and the moments at which it began and ended."""
    seen = []

    def function():
        seen.append(time.monotonic())
        if len(seen) >= most:
            stop.set()
        if error:
            raise error

    return function, seen


def test_an_interval_job_runs_at_once_and_again_after_its_interval(run):
    function, seen = counting(run.stop, 4)
    began = time.monotonic()
    notes = run(Job("sync", Every(0.1), function), jitter=0.0)
    assert run.went_well
    assert notes["sync"]["runs"] == 4
    assert notes["sync"]["failures"] == 0
    assert seen[-1] - began >= 3 * 0.1


def test_runs_never_overlap_and_missed_beats_are_not_made_up_for(run):
    busy, most, began = [0], [0], []

    def slow():
        began.append(time.monotonic())
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        time.sleep(0.12)
        busy[0] -= 1
        if len(began) == 4:
            run.stop.set()

    run(Job("sync", FAST, slow), Job("other", FAST, lambda: None), jitter=0.0)
    assert most[0] <= 1
    gaps = [later - earlier for earlier, later in pairwise(began)]
    assert min(gaps) >= 0.12


def test_a_job_that_fails_backs_off_and_goes_on_in_its_rhythm_once_it_succeeds(run):
    moments = []

    def function():
        moments.append(time.monotonic())
        if len(moments) <= 4:
            raise RuntimeError("jane@example.com")
        if len(moments) == 6:
            run.stop.set()

    notes = run(Job("sync", FAST, function), jitter=0.0)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert all(gap >= 0.05 * 2**failures for failures, gap in enumerate(gaps[:4]))
    assert notes["sync"]["failures"] == 4
    assert notes["sync"]["failures_in_a_row"] == 0
    assert notes["sync"]["last_error"] == "RuntimeError"
    assert "jane" not in json.dumps(notes)


def test_the_back_off_has_an_end(run):
    function, _ = counting(run.stop, 7, RuntimeError())
    notes = run(Job("sync", FAST, function), jitter=0.0, longest_back_off=0.1)
    assert datetime.fromisoformat(notes["sync"]["next_at"]).timestamp() <= time.time() + 0.1


def test_after_too_many_failures_it_gives_up_so_that_a_fresh_process_can_try(run):
    function, seen = counting(run.stop, 99, RuntimeError())
    run(Job("sync", FAST, function), give_up=3, longest_back_off=0.05)
    assert not run.went_well
    assert len(seen) == 3


def test_while_a_run_by_hand_holds_the_lock_the_beat_is_left_out_and_is_no_failure(run, tmp_path):
    tries = []

    def function():
        tries.append(1)
        if len(tries) == 3:
            run.stop.set()
        with lock.held(tmp_path / "sync.lock", "the worker"):
            pass

    program = [sys.executable, "-c", BY_HAND, str(tmp_path / "sync.lock")]
    by_hand = subprocess.Popen(program, cwd=ROOT, **PIPES)
    assert by_hand.stdout
    by_hand.stdout.readline()  # it holds the lock
    notes = run(Job("sync", FAST, function))
    by_hand.communicate(b"\n", timeout=60)
    assert (notes["sync"]["skipped"], notes["sync"]["failures"]) == (3, 0)


def test_a_cron_job_waits_for_its_time_and_its_next_run_is_noted(run):
    function, _ = counting(run.stop, 2)
    nightly, seen = counting(run.stop, 1)
    notes = run(Job("sync", FAST, function), Job("report", rhythm("0 3 1 1 *"), nightly))
    assert seen == []
    assert notes["report"]["runs"] == 0
    assert datetime.fromisoformat(notes["sync"]["next_at"]).timestamp() > time.time() - 5


def test_jitter_spreads_the_beats(run):
    function, seen = counting(run.stop, 6)
    run(Job("sync", Every(0.1), function), jitter=1.0)
    gaps = {round(later - earlier, 2) for earlier, later in pairwise(seen)}
    assert len(gaps) > 1


def test_a_disk_that_takes_no_note_stops_nothing(tmp_path):
    stop = Stop()
    function, seen = counting(stop, 3)
    (tmp_path / "state").touch()
    assert work([Job("sync", FAST, function)], stop=stop, state=tmp_path / "state" / "x")
    assert len(seen) == 3


PROGRAM = """
import sys, time
from pathlib import Path
from pipelines.rhythm import rhythm
from pipelines.stop import Stop
from pipelines.worker import Job, stops_on_signals, work

home, stop = Path(sys.argv[1]), Stop()

def slow():
    (home / "began").touch()
    time.sleep(float(sys.argv[2]))
    (home / "ended").touch()

with stops_on_signals(stop):
    sys.exit(0 if work([Job("sync", rhythm("1h"), slow)], stop=stop, state=home) else 1)
"""


def start(home: Path, seconds: float) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen([sys.executable, "-c", PROGRAM, str(home), str(seconds)], cwd=ROOT)
    end = time.monotonic() + 60
    while not (home / "began").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    return worker


def test_sigterm_lets_the_run_finish_and_exits_0(tmp_path):
    worker = start(tmp_path, 0.5)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert (tmp_path / "ended").exists()


def test_a_second_signal_ends_it_at_once(tmp_path):
    worker = start(tmp_path, 30)
    while worker.poll() is None:
        worker.send_signal(signal.SIGTERM)
        time.sleep(0.05)
    assert worker.wait() == -signal.SIGTERM
    assert not (tmp_path / "ended").exists()


def test_sigterm_while_it_waits_ends_it_at_once(tmp_path):
    worker = start(tmp_path, 0.0)
    while not (tmp_path / "worker.json").exists():
        time.sleep(0.02)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0  # its next beat is an hour away


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    stop = Stop()
    with stops_on_signals(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(60)
    assert signal.getsignal(signal.SIGTERM) is before
