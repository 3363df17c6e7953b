"""Outbox -> store: what was sealed here, in the order of its numbers.

Segments first, then the manifest entry: the commit point there. A batch leaves the disk once it
stands in the store. Killed anywhere, it is done again: names follow from slot and number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from contract import lock
from contract.landing import Entry, Landing
from contract.outbox import LOCK, Mark, Note, waiting
from contract.settings import Settings
from shipping import zone
from shipping.store import Store, StoreFailed


class SlotTaken(StoreFailed):
    """The store holds other batches under the numbers of this slot."""

    def __init__(self, url: str, slot: str) -> None:
        RuntimeError.__init__(
            self,
            f"{url}: slot {slot} is written by another home, or this one is from a backup: set"
            " HIRING_SLOT_HOST to a name of its own, restart, then `hiring land` the files of"
            f" {slot} in landing/ (what is known counts once) and remove them with their manifest",
        )
        self.kind = type(self).__name__


@dataclass(frozen=True)
class Shipped:
    """What a pass did."""

    batches: int = 0
    events: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def plus(self, entries: Iterable[Entry]) -> Shipped:
        found = list(entries)
        return Shipped(
            self.batches + len(found),
            self.events + sum(entry.rows for entry in found),
            self.bytes + sum(entry.bytes for entry in found),
        )

    def lines(self) -> list[str]:
        return [
            f"{self.batches:,} batches shipped: {self.events:,} events, {self.bytes:,} bytes"
            f" in {self.seconds:.2f} s"
        ]


def ship(
    settings: Settings, store: Store | None = None, stop: Callable[[], bool] = lambda: False
) -> Shipped:
    """Ship all that is sealed; one process of a home at a time, others wait.

    stop: asked between batches. Raises StoreFailed, SlotTaken, DamagedManifest, OSError,
    formats.NewerHome; what was shipped until then is noted.
    """
    begun = time.monotonic()
    with lock.waited(settings.state / LOCK, "shipping"):
        run = _Run(settings, store or Store(settings), stop)
        try:
            run.all()
        except Exception as error:
            run.note(getattr(error, "kind", type(error).__name__))
            raise
        run.note(None)
        return replace(run.done, seconds=round(time.monotonic() - begun, 3))


class _Run:
    def __init__(self, settings: Settings, store: Store, stop: Callable[[], bool]) -> None:
        self._state, self._outbox, self._store = settings.state, settings.outbox, store
        self._stop = stop
        self.done = Shipped()

    def all(self) -> None:
        for slot in self._outbox.slots():
            _remove_shipped(self._outbox, slot)
            if waiting(self._outbox, slot) and not self._stop():
                zone.note_format(self._store)
                self._claim(slot)
                self._slot(slot)

    def _claim(self, slot: str) -> None:
        ours = zone.home_name(self._outbox)
        if self._store.claim(f"_slots/{slot}", ours) != ours:
            raise SlotTaken(self._store.url, slot)

    def _slot(self, slot: str) -> None:
        while (todo := waiting(self._outbox, slot)[: zone.WINDOW]) and not self._stop():
            entries = [self._outbox.entry(slot, seq) for seq in todo]
            self._window(slot, entries)
            self.done = self.done.plus(entries)

    def _window(self, slot: str, entries: list[Entry]) -> None:
        first, last = entries[0].seq, entries[-1].seq
        mark = Mark.of(self._outbox, slot)
        there = max(zone.sequences(self._store, slot, first - 1), default=0)
        for entry in entries:
            if entry.seq <= there and not self._is_ours(entry, mark):
                raise SlotTaken(self._store.url, slot)
        new = [entry for entry in entries if entry.seq > there]
        Mark(mark.shipped, max(mark.begun, last)).note(self._outbox, slot)
        self._upload(new)
        Mark(last, last).note(self._outbox, slot)
        _remove_shipped(self._outbox, slot)

    def _is_ours(self, entry: Entry, mark: Mark) -> bool:
        """Whether the batch of this number in the store is this one: a killed pass had begun to
        ship it (it may be merged or rewritten there since), or it is the same."""
        if entry.seq <= mark.begun:
            return True
        return zone.entry(self._store, entry.slot, entry.seq) == entry

    def _upload(self, entries: list[Entry]) -> None:
        paths = [file.path for entry in entries for file in entry.files]
        with zone.pool() as pool:
            list(pool.map(self._put, paths))
        for entry in entries:  # in order: readers go by the number
            zone.commit(self._store, entry)

    def _put(self, path: str) -> None:
        """A file that is lost holds up no other: readers set its batch aside as damaged."""
        with suppress(FileNotFoundError):
            self._store.put(path, (self._outbox.root / path).read_bytes())

    def note(self, failed: str | None) -> None:
        """Add this pass to what is known of shipping."""
        note, now = Note.read(self._state), time.time()
        facts: dict[str, Any] = {
            "batches": note.batches + self.done.batches,
            "events": note.events + self.done.events,
            "bytes": note.bytes + self.done.bytes,
        }
        if failed:
            failures = {**note.failures, failed: note.failures.get(failed, 0) + 1}
            facts |= {"failures": failures, "failing_since": note.failing_since or now}
        elif self.done.batches or note.failing_since:
            facts |= {"failing_since": 0.0, "last_success": now}
        else:
            return
        replace(note, **facts).write(self._state)


def _remove_shipped(outbox: Landing, slot: str) -> None:
    """Batches that stand in the store leave the disk: segments first, so that while an entry
    stands, there is work left."""
    shipped = Mark.of(outbox, slot).shipped
    for seq in outbox.sequences(slot):
        if seq <= shipped:
            for file in outbox.entry(slot, seq).files:
                (outbox.root / file.path).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                outbox.manifest(slot, seq).unlink()
