"""Runs a job in a child of this process: warm imports, and memory that goes back each time.

dlt, dbt and DuckDB keep some memory of every run, and after an error what they hold is in doubt.
A forked child starts with what this process has imported and ends with its run. Fork before
anything is opened: this process imports, and never connects.
"""

from __future__ import annotations

import importlib
import multiprocessing
import signal
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection

from contract.lock import LockHeld

Run = Callable[[], object]


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
