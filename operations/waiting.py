"""What is on disk and not loaded: sealed batches beyond the watermark, and open journals."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path

from contract import zeros
from contract.landing import DamagedManifest, Entry, Landing
from operations.notes import Run
from operations.published import Published
from operations.tally import Tally
from operations.zone import modified


@dataclass(frozen=True)
class Waiting:
    """Batches that are sealed and not loaded. oldest_at: when the first of them was sealed."""

    segments: int = 0
    events: int = 0
    oldest_at: datetime | None = None


def waiting(
    landing: Landing, counted: Tally, published: Published | None, run: Run | None
) -> Waiting:
    """What waits, by the watermark that the last run noted.

    Without one, or while a run stands between its publishing and its note, by the number of
    events that the published file does not count.
    """
    if run and run.is_settled and run.watermark is not None and published:
        return _told(landing, _beyond(landing, run.watermark))
    done = published.accounted if published else 0
    return _newest(landing, counted, counted.rows - done)


def _beyond(landing: Landing, watermark: Mapping[str, int]) -> Iterator[Entry]:
    for slot in landing.slots():
        with suppress(DamagedManifest, FileNotFoundError):  # told as damaged; merged meanwhile
            yield from landing.slot_entries(slot, watermark.get(slot, 0))


def _newest(landing: Landing, counted: Tally, events: int) -> Waiting:
    chosen: list[Entry] = []
    left = events
    newest = merge(
        *(_backwards(landing, slot, seq) for slot, seq in counted.slots.items()),
        key=lambda entry: -_sealed_at(landing, entry),
    )
    while left > 0 and (entry := next(newest, None)):
        chosen.append(entry)
        left -= entry.rows
    return replace(_told(landing, chosen), events=max(events, 0))


def _backwards(landing: Landing, slot: str, seq: int) -> Iterator[Entry]:
    """The entries of a slot, the newest first; those that can't be read are passed over."""
    while seq > 0:
        below = seq - 1
        with suppress(DamagedManifest, FileNotFoundError):
            entry = landing.entry(slot, seq)
            below = entry.first - 1
            yield entry
        seq = below


def _told(landing: Landing, entries: Iterable[Entry]) -> Waiting:
    full = [entry for entry in entries if entry.rows]
    if not full:
        return Waiting()
    oldest = min(_sealed_at(landing, entry) for entry in full)
    return Waiting(
        len(full), sum(entry.rows for entry in full), datetime.fromtimestamp(oldest, UTC)
    )


def _sealed_at(landing: Landing, entry: Entry) -> float:
    return modified(landing.manifest(entry.slot, entry.seq))


def journals(landing: Landing) -> list[tuple[str, int, float]]:
    """(name, bytes, seconds since it was written to) of the open journals that hold events."""
    now = time.time()
    found = sorted(landing.journals.glob("*.journal"))
    return [(p.name, n, now - modified(p)) for p in found if (n := _written(p))]


def _written(journal: Path) -> int:
    """Bytes of events in a journal; none when it was sealed meanwhile."""
    with suppress(OSError), journal.open("rb") as file:
        return zeros.begin(file)
    return 0
