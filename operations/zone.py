"""What the landing zone holds, by listing it: sealed batches, what waits, open journals."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from contract.events import EVENT_NAMES
from contract.landing import DamagedManifest, Entry, Landing

GROWTH_DAYS = 7
_PREFIX = "event_name="
_YOUNG_SECONDS = 60.0  # a seal writes its segments before the entry that names them


@dataclass(frozen=True)
class Waiting:
    """Batches that are sealed and not loaded. oldest_at: when the first of them was sealed."""

    segments: int = 0
    events: int = 0
    oldest_at: datetime | None = None


class Zone:
    """A view of the landing zone as it stands when it is made. Reads every manifest entry."""

    def __init__(self, home: Path, set_aside: Iterable[str] = ()) -> None:
        """set_aside: batches (`slot/seq`) that the last run found damaged by their checksum."""
        self._set_aside = set(set_aside)
        self.landing = Landing(home)
        self.unreadable: list[str] = []
        self.entries = list(self._read())

    def _read(self) -> Iterator[Entry]:
        """Those that can be read; a batch that a merged entry covers is left out."""
        for slot in self.landing.slots():
            first = None
            for seq in reversed(self.landing.sequences(slot)):
                if first is not None and seq >= first:
                    continue
                try:
                    entry = self.landing.entry(slot, seq)
                except DamagedManifest as error:
                    self.unreadable.append(str(error.path.relative_to(self.landing.root)))
                except FileNotFoundError:  # merged meanwhile
                    continue
                else:
                    first = entry.first
                    yield entry

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.entries)

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.entries)

    def beyond(self, watermark: Mapping[str, int]) -> Waiting:
        """What waits, when the last run noted how far it came (slot -> seq)."""
        return self._waiting([e for e in self.entries if e.seq > watermark.get(e.slot, 0)])

    def newest(self, events: int) -> Waiting:
        """What waits, when only the number of events that are not loaded is known."""
        chosen: list[Entry] = []
        left = events
        for entry in sorted(self.entries, key=self._sealed_at, reverse=True):
            if left <= 0:
                break
            chosen.append(entry)
            left -= entry.rows
        return replace(self._waiting(chosen), events=max(events, 0))

    def _waiting(self, entries: list[Entry]) -> Waiting:
        full = [entry for entry in entries if entry.rows]
        if not full:
            return Waiting()
        oldest = datetime.fromtimestamp(min(map(self._sealed_at, full)), UTC)
        return Waiting(len(full), sum(entry.rows for entry in full), oldest)

    def _sealed_at(self, entry: Entry) -> float:
        try:
            return self.landing.manifest(entry.slot, entry.seq).stat().st_mtime
        except FileNotFoundError:  # merged since
            return time.time()

    @cached_property
    def damaged(self) -> list[str]:
        """Segments that are not there or not of the size that the manifest states."""
        segments = (file for entry in self.entries for file in entry.files)
        return sorted(f.path for f in segments if size(self.landing.root / f.path) != f.bytes)

    @property
    def damaged_rows(self) -> int:
        """Lines of the batches that hold a damaged segment."""
        broken = set(self.damaged)
        return sum(
            entry.rows
            for entry in self.entries
            if f"{entry.slot}/{entry.seq}" in self._set_aside
            or any(file.path in broken for file in entry.files)
        )

    def strays(self) -> list[str]:
        """Files beside the manifest that no writer is about to name: leftovers of a crash."""
        named = {file.path for entry in self.entries for file in entry.files}
        edge = time.time() - _YOUNG_SECONDS
        found = self.landing.root.glob(f"{_PREFIX}*/date=*/*")
        return sorted(
            name
            for path in found
            if (name := str(path.relative_to(self.landing.root))) not in named
            and modified(path) < edge
        )

    def never_received(self) -> list[str]:
        """Documented kinds of events of which none ever landed."""
        seen = {path.name.removeprefix(_PREFIX) for path in self.landing.root.glob(f"{_PREFIX}*")}
        return [name for name in EVENT_NAMES if name not in seen]

    def growth(self, today: date) -> float:
        """Bytes a day that were landed in the last seven days; 0.0 when none were."""
        since = (today - timedelta(days=GROWTH_DAYS)).isoformat()
        recent = [
            file.bytes
            for entry in self.entries
            for file in entry.files
            if file.path.partition("date=")[2][:10] > since
        ]
        return sum(recent) / GROWTH_DAYS

    def journals(self) -> list[tuple[str, int, float]]:
        """(name, bytes, seconds since it was written to) of the open journals that hold events."""
        now = time.time()
        found = sorted(self.landing.journals.glob("*.journal"))
        return [(p.name, n, now - modified(p)) for p in found if (n := size(p))]


def size(path: Path) -> int:
    """Bytes of a file; -1 when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def modified(path: Path) -> float:
    """When a file was written (epoch); now when it has gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()
