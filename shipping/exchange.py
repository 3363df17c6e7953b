"""What runs need of the store, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from contract.mirror import FOLDER, Mirror
from contract.settings import Settings
from shipping import audit, zone
from shipping.fetch import Screen, fetch
from shipping.push import push
from shipping.ship import ship
from shipping.store import Store

Progress = Callable[[str], None]


class ReaderTaken(RuntimeError):
    """Another home fetches from this zone: people who are erased here would stay there."""


class Exchange:
    """Between a home and the store. Except to ship, the caller holds the lock of the runs."""

    def __init__(self, settings: Settings, screen: Callable[[], Screen]) -> None:
        """screen: asked once a fetch."""
        self._settings, self._screen = settings, screen
        self._mirror, self._store = Mirror(settings.home / FOLDER), Store(settings)

    def ship(self, progress: Progress) -> None:
        """Ship what was sealed here."""
        progress("\n".join(ship(self._settings, self._store).lines()))

    def gather(self, progress: Progress, *, again: bool = False) -> None:
        """Ship what was sealed here, then fetch what all hosts shipped, without the erased."""
        ship(self._settings, self._store)
        self._claim()
        done = fetch(self._store, self._mirror, self._screen(), again=again)
        if done.batches:
            progress(f"fetched {done.events:,} events in {done.batches:,} batches")
        push(self._store, self._mirror)

    def _claim(self) -> None:
        ours = zone.home_name(self._settings.outbox)
        if self._store.claim("_reader", ours) != ours:
            raise ReaderTaken(
                f"{self._store.url} is read by another home, and exactly one may sync and forget:"
                " use that one; if it is lost, delete the object _reader there, and put its"
                " secrets/ and config/ in place here before the next `hiring sync`"
            )

    def scatter(self) -> None:
        """Bring the store up to what a run rewrote."""
        push(self._store, self._mirror)

    def erase(self) -> None:
        """As `scatter`, and delete what killed runs left of former revisions."""
        push(self._store, self._mirror)
        audit.sweep(self._store, self._mirror)

    def audit(self) -> dict[str, int]:
        """The store compared with the mirror."""
        return asdict(audit.audit(self._store, self._mirror))
