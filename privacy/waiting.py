"""Waiting: for the lock of the runs, and for writers to seal what came before a tombstone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from contract import lock, runs
from contract.landing import Landing
from contract.settings import Settings

Progress = Callable[[str], None]
_TICK = 0.2  # seconds between looks at a lock or a journal
_WRITERS = 600.0  # seconds that a living writer may take to seal


class WriterBusy(RuntimeError):
    """A writer did not seal its journal in time; when it has, `hiring forget --reapply` goes on."""


@contextmanager
def lock_of_runs(settings: Settings, wait: bool, progress: Progress) -> Iterator[None]:
    """The lock of the runs: no sync loads while the landing zone is rewritten."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(runs.one_run(settings, "hiring forget"))
            except lock.LockHeld as error:
                if not wait:
                    raise
                progress(f"waiting: {error}")
                time.sleep(_TICK)
            else:
                break
        yield


def for_writers(landing: Landing, seal: Callable[[], object], progress: Progress) -> None:
    """Until every journal of before the tombstone is sealed: later ones are sealed by it.

    seal: seals what writers that died left behind. Raises WriterBusy.
    """
    seal()
    waiting = set(landing.journals.glob("*.journal"))
    until = time.monotonic() + _WRITERS
    while waiting := {path for path in waiting if path.exists()}:
        if time.monotonic() > until:
            raise WriterBusy("a writer did not seal in time; run `hiring forget --reapply` later")
        progress(f"waiting for {len(waiting)} open journals to be sealed")
        time.sleep(_TICK)
        seal()  # a writer may die meanwhile
