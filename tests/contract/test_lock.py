from __future__ import annotations

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
