"""A stop: set by threads and by signal handlers at any instant of a wait."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipelines.stop import Stop

ROOT = Path(__file__).parents[2]
# A wait of no time, over and over: nearly every signal falls within one.
INTERRUPTED = """
import signal, sys
from threading import Event
from pipelines.stop import Stop

for round in range(3000):
    stop = {"Stop": Stop, "Event": Event}[sys.argv[1]]()
    signal.signal(signal.SIGALRM, lambda *_: stop.set())
    signal.setitimer(signal.ITIMER_REAL, 0.0002 + round % 500 * 1e-6)
    while not stop.is_set():
        stop.wait(0.000001)
"""


def interrupted(kind: str, seconds: float) -> int:
    program = [sys.executable, "-c", INTERRUPTED, kind]
    return subprocess.run(program, cwd=ROOT, timeout=seconds, check=False).returncode


def test_a_signal_handler_may_set_it_at_any_instant_of_a_wait():
    assert interrupted("Stop", 60) == 0


def test_what_an_event_does_there_is_seen_by_this_check():
    with pytest.raises(subprocess.TimeoutExpired):
        interrupted("Event", 3)


def test_it_ends_a_wait_of_another_thread_and_stays_set():
    stop, began = Stop(), time.monotonic()
    threading.Timer(0.1, stop.set).start()
    assert stop.wait(60)
    assert time.monotonic() - began < 30
    assert stop.is_set()
    assert stop.wait(60)


def test_a_wait_in_vain_tells_so():
    stop = Stop()
    assert not stop.wait(0.01)
    assert not stop.is_set()
