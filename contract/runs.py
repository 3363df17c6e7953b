"""One run at a time on a home, and on a lake that several machines share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from contract import lock
from contract.settings import Settings


def on_this_host(settings: Settings, doing: str) -> AbstractContextManager[None]:
    """Hold the lock of a home's runs. Whoever holds it may take it again. Raises lock.LockHeld."""
    return lock.held(settings.state / "sync.lock", doing)


@contextmanager
def one_run(settings: Settings, doing: str) -> Iterator[None]:
    """The same, and the lock of the lake. Raises lock.LockHeld, lake.LakeUnreachable."""
    with on_this_host(settings, doing):
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
