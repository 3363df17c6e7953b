"""What landed, counted once: status adds what is new to what it counted before.

    state/operations/landed.json    rows and last seq by slot, bytes by day, what is damaged

Merging and erasure change neither the number of lines nor the seqs that are taken, so a count
stands. It is made anew once a day, since files may be lost or damaged at any time (`hiring doctor`
looks at every one whenever it is asked), when a merged batch holds what was counted, and when the
landing zone is not the one that was counted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

import orjson

from contract import durable
from contract.landing import DamagedManifest, Entry, Landing
from operations import notes
from operations.zone import GROWTH_DAYS, Zone, day_of, size

STANDS_FOR = 86400.0  # seconds
_KEPT_DAYS = 2 * GROWTH_DAYS


@dataclass
class Tally:
    """slots: slot -> last seq that is counted. days: day of landing -> bytes, of the last days.

    damaged: path of a segment that is lost or cut -> its bytes when it was sealed.
    unreadable: manifest entries. counted_at: when all was looked at (epoch).
    """

    rows: int = 0
    bytes: int = 0
    slots: dict[str, int] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    damaged: dict[str, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    counted_at: float = 0.0

    def add(self, landing: Landing, entry: Entry) -> None:
        self.rows += entry.rows
        self.slots[entry.slot] = max(entry.seq, self.slots.get(entry.slot, 0))
        days: Counter[str] = Counter(self.days)
        for file in entry.files:
            self.bytes += file.bytes
            days[day_of(file.path)] += file.bytes
            if size(landing.root / file.path) != file.bytes:
                self.damaged[file.path] = file.bytes
        self.days = dict(sorted(days.items())[-_KEPT_DAYS:])

    def growth(self, today: date) -> float:
        """Bytes a day that were landed in the last seven days; 0.0 when none were."""
        since = (today - timedelta(days=GROWTH_DAYS)).isoformat()
        return sum(size for day, size in self.days.items() if day > since) / GROWTH_DAYS


def tally(home: Path, state: Path) -> Tally:
    """The count of the landing zone under `home`, kept in `state`. Raises OSError."""
    path, landing = state / "operations" / "landed.json", Landing(home)
    known = _kept(notes.read(path))
    new = list(_new(landing, known)) if _stands(landing, known) else None
    if new is None or any(entry.first <= known.slots.get(entry.slot, 0) for entry in new):
        counted = _count(home)
    elif new:
        counted = known
        for entry in new:
            counted.add(landing, entry)
    else:
        return known
    durable.write(path, [orjson.dumps(asdict(counted))])
    return counted


def _kept(noted: Mapping[str, object]) -> Tally:
    try:
        return Tally(**noted)  # type: ignore[arg-type]
    except TypeError:  # of another version
        return Tally()


def _stands(landing: Landing, known: Tally) -> bool:
    """Whether what was counted is this landing zone, and not long ago."""
    return (
        0 <= time.time() - known.counted_at < STANDS_FOR
        and not known.unreadable
        and all(size(landing.root / path) != n for path, n in known.damaged.items())
        and all(_holds(landing, slot, seq) for slot, seq in known.slots.items())
    )


def _holds(landing: Landing, slot: str, seq: int) -> bool:
    return landing.manifest(slot, seq).exists() or seq <= landing.merged_up_to(slot)


def _new(landing: Landing, known: Tally) -> Iterator[Entry]:
    for slot in landing.slots():
        try:
            yield from landing.slot_entries(slot, known.slots.get(slot, 0))
        except (DamagedManifest, FileNotFoundError):  # read on when it is mended
            continue


def _count(home: Path) -> Tally:
    zone = Zone(home)
    counted = Tally(unreadable=zone.unreadable, counted_at=time.time())
    for entry in zone.entries:
        counted.add(zone.landing, entry)
    return counted
