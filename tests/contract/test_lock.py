from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contract import lock


def test_the_holder_may_take_it_again_and_another_thread_may_not(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"

    def take() -> None:
        with lock.held(path, "another"):
            pass

    with ThreadPoolExecutor() as others, lock.held(path, "first"):
        with lock.held(path, "inside"):
            pass
        with pytest.raises(lock.LockHeld, match="for 'first'"):  # still held after the inner block
            others.submit(take).result()
    take()


def test_who_waits_gets_the_lock_when_it_is_let_go(tmp_path: Path) -> None:
    path, took = tmp_path / "run.lock", []

    def take() -> None:
        with lock.waited(path, "second"):
            took.append("second")

    with ThreadPoolExecutor() as others:
        with lock.held(path, "first"):
            waits = others.submit(take)
            with pytest.raises(TimeoutError):
                waits.result(timeout=0.2)
            took.append("first")
        waits.result()
    assert took == ["first", "second"]


HOLDER = """
import os, sys, time
from pathlib import Path
from contract import lock

with lock.held(Path(sys.argv[1]), "a run"):
    if os.fork() == 0:
        time.sleep(float(sys.argv[2]))
        os._exit(0)
    print(flush=True)
    time.sleep(60)
"""


def kill_a_holder(path: Path, child_lives: float) -> None:
    """Its child, which has the lock's file open, too, ends so many seconds after it was forked."""
    command = [sys.executable, "-c", HOLDER, str(path), str(child_lives)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        holder.kill()


def test_the_child_of_a_holder_that_was_killed_is_waited_for(tmp_path: Path) -> None:
    kill_a_holder(tmp_path / "run.lock", 1)
    with lock.held(tmp_path / "run.lock", "the next run"):
        pass


def test_one_that_goes_on_holds_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_DYING", 0.3)
    kill_a_holder(tmp_path / "run.lock", 3)
    with (
        pytest.raises(lock.LockHeld, match="for 'a run'"),
        lock.held(tmp_path / "run.lock", "the next run"),
    ):
        pass
