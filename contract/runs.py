"""One run at a time on a home, and on a lake that several machines share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from contract import lock
from contract.settings import Settings


@contextmanager
def one_run(settings: Settings, doing: str) -> Iterator[None]:
    """Hold the lock of the runs. Whoever holds it may take it again.

    Raises lock.LockHeld, lake.LakeUnreachable.
    """
    with lock.held(settings.state / "sync.lock", doing):
        if settings.engine != "ducklake":
            yield
            return
        from contract import catalog

        with catalog.one_run(settings, doing):
            yield


def still_ours(settings: Settings) -> None:
    """Raises catalog.LockLost when another machine may have taken over."""
    if settings.engine == "ducklake":
        from contract import catalog

        catalog.check()
