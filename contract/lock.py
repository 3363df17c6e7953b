"""One run at a time: a lock that dies with its holder.

Whoever holds it may call what takes it, too: an erasure holds the lock of `hiring sync` and runs
a sync inside. A thread of its own does not count as the holder.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from contract import durable

_TICK = 0.1  # seconds between looks at a lock
_DYING = 3.0  # seconds that a child of a killed holder may take to see it, and end
_HELD: ContextVar[frozenset[Path]] = ContextVar("_HELD", default=frozenset())


class LockHeld(RuntimeError):
    """Another run holds the lock; the text says who, since when, and what to do."""


@contextmanager
def held(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file `path` for the block.

    Raises LockHeld at once when another process has it. The file stays; the lock is released by
    the kernel, also when the process is killed; a child that it had is waited for.
    """
    path = path.absolute()
    if path in _HELD.get():
        yield
        return
    durable.make_directory(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        _take(file)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        file.seek(0)
        file.truncate()
        file.write(orjson.dumps({"pid": os.getpid(), "doing": doing, "since": since}))
        file.flush()
        token = _HELD.set(_HELD.get() | {path})
        try:
            yield
        finally:
            _HELD.reset(token)


@contextmanager
def waited(path: Path, doing: str) -> Iterator[None]:
    """As `held`, once whoever has it lets it go."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(held(path, doing))
                break
            except LockHeld:
                time.sleep(_TICK)
        yield


def _take(file: BinaryIO) -> None:
    until = time.monotonic() + _DYING
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = _read(file.read())
            if _lives(holder) or time.monotonic() > until:
                raise LockHeld(f"{_says(holder)}; wait for it, or stop it") from None
        time.sleep(_TICK)


def _read(written: bytes) -> dict[str, Any]:
    try:
        return dict(orjson.loads(written))
    except orjson.JSONDecodeError:  # it has just taken the lock
        return {}


def _lives(holder: dict[str, Any]) -> bool:
    """Whether it is not known to be dead."""
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return False
    except (KeyError, PermissionError):
        return True
    return True


def _says(holder: dict[str, Any]) -> str:
    if not holder:
        return "another process holds the lock"
    return "process {pid} has held the lock for '{doing}' since {since}".format(**holder)
