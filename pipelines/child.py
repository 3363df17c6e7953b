"""Runs a job in a child of this process: warm imports, and memory that goes back each time.

dlt, dbt and DuckDB keep some memory of every run, and after an error what they hold is in doubt.
A forked child starts with what this process has imported and ends with its run. Fork before
anything is opened: a process that forks has not connected yet.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar, cast

from contract.lock import LockHeld

Run = Callable[[], object]
Progress = Callable[[str], None]
T = TypeVar("T")
_TOLD, _DONE, _FAILED = range(3)


class RunFailed(RuntimeError):
    """The child's run failed; `kind` is the class of its error, which is all that is told."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the run failed with {kind}")
        self.kind = kind


def warm(modules: Iterable[str]) -> None:
    """Import what every run needs, once."""
    for name in modules:
        importlib.import_module(name)


def in_child(run: Run) -> Run:
    """The job as one that runs in a child. Raises RunFailed, LockHeld."""

    def start() -> None:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(run, theirs), daemon=False)
        child.start()
        theirs.close()
        said = _listen(ours)
        child.join()
        if said == LockHeld.__name__:
            raise LockHeld("another process holds the lock")
        if said or child.exitcode:
            raise RunFailed(said or f"exit code {child.exitcode}")

    return start


def beside(run: Callable[[Progress], T], here: Run, progress: Progress) -> T:
    """What `run` returns, out of a child that works while `here` does in this process.

    It is handed `progress`, of which this process hears when `here` is done. The child ends when
    this process does, however that ends. Raises what `run` raises; RunFailed when it was killed.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_report, args=(run, ours, theirs), daemon=False)
    child.start()
    theirs.close()
    try:
        with ours:
            here()
            return _follow(ours, progress)
    except EOFError:
        child.join()
        raise RunFailed(f"exit code {child.exitcode}") from None
    finally:
        child.join()


def _follow(child: Connection, progress: Progress) -> T:  # type: ignore[type-var]
    while True:
        kind, said = child.recv()
        if kind == _DONE:
            return cast(T, said)
        if kind == _FAILED:
            raise cast(Exception, said)
        progress(said)


def _report(run: Callable[[Progress], object], theirs: Connection, parent: Connection) -> None:
    """In the child. Ctrl-C is the parent's to answer: its end of the pipe closes."""
    theirs.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        done = run(lambda text: parent.send((_TOLD, text)))
    except Exception as error:
        parent.send((_FAILED, error))
    else:
        parent.send((_DONE, done))


def _end_with(parent: Connection) -> None:
    """The parent never sends: what comes is its end."""
    with suppress(EOFError, OSError):
        parent.recv()
    os._exit(1)


def _work(run: Run, parent: Connection) -> None:
    """In the child: a signal to the whole group must not end a run that has begun."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    said = ""
    try:
        run()
    except Exception as error:
        said = type(error).__name__
    parent.send(said)


def _listen(child: Connection) -> str:
    """What the child said at its end; nothing when it was killed."""
    with child:
        try:
            return str(child.recv())
        except EOFError:
            return ""
