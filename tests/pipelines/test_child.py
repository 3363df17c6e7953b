"""Runs in a child: memory goes back, errors come back by class, a killed child is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from contract.lock import LockHeld
from pipelines.child import RunFailed, beside, in_child, warm


def test_a_run_happens_elsewhere_and_leaves_no_memory_here(tmp_path):
    kept = []

    def run():
        kept.append(bytearray(1 << 20))
        (tmp_path / "pid").write_text(str(os.getpid()))

    in_child(run)()
    assert kept == []
    assert (tmp_path / "pid").read_text() != str(os.getpid())


def test_an_error_comes_back_by_its_class_and_without_its_text():
    def run():
        raise KeyError("jane@example.com")

    with pytest.raises(RunFailed) as error:
        in_child(run)()
    assert error.value.kind == "KeyError"
    assert "jane" not in str(error.value)


def test_a_lock_that_is_held_stays_what_it_is():
    def run():
        raise LockHeld("by someone")

    with pytest.raises(LockHeld):
        in_child(run)()


def test_a_killed_child_is_a_failed_run():
    def run():
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RunFailed, match="exit code -9"):
        in_child(run)()


def test_a_signal_to_the_group_does_not_end_a_run(tmp_path):
    def run():
        os.kill(os.getpid(), signal.SIGTERM)
        (tmp_path / "ended").touch()

    in_child(run)()
    assert (tmp_path / "ended").exists()


def test_what_can_not_be_imported_is_told_at_once():
    warm(["json"])
    with pytest.raises(ModuleNotFoundError):
        warm(["no_such_module"])


def test_what_is_done_beside_comes_back_with_its_progress():
    """The one waits for the other: neither comes first."""
    ours, theirs = os.pipe()
    told, here = [], []

    def run(progress):
        progress("half")
        assert os.read(ours, 1) == b"."
        progress("whole")
        return {"pid": os.getpid()}

    def meanwhile():
        here.append(os.getpid())
        os.write(theirs, b".")

    assert beside(run, meanwhile, told.append)["pid"] != os.getpid()
    assert here == [os.getpid()]
    assert told == ["half", "whole"]


def test_an_error_beside_comes_back_as_it_is():
    def run(_):
        raise LockHeld("process 7 holds it")

    with pytest.raises(LockHeld, match="process 7 holds it"):
        beside(run, lambda: None, print)


def test_an_error_here_ends_what_is_done_beside():
    def fail():
        raise KeyError

    began = time.monotonic()
    with pytest.raises(KeyError):
        beside(lambda _: time.sleep(60), fail, print)
    assert time.monotonic() - began < 30


def test_a_killed_child_beside_is_a_failed_run():
    with pytest.raises(RunFailed, match="exit code -9"):
        beside(lambda _: os.kill(os.getpid(), signal.SIGKILL), lambda: None, print)


PARENT = """
import os, sys, time
from pipelines.child import beside

def run(_):
    print(os.getpid(), flush=True)
    time.sleep(60)

beside(run, lambda: time.sleep(60), print)
"""


def test_what_is_done_beside_ends_with_its_parent():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        began = time.monotonic()
        assert parent.stdout.read() == b""  # the child's copy of the pipe is closed, too
        assert time.monotonic() - began < 30
