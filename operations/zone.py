"""The landing zone, all of it: every manifest entry, every file. For doctor, and once a day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from contract.events import EVENT_NAMES
from contract.landing import DamagedManifest, Entry, Landing

GROWTH_DAYS = 7
_PREFIX = "event_name="
_YOUNG_SECONDS = 60.0  # a seal writes its segments before the entry that names them


class Zone:
    """A view of the landing zone as it stands when it is made. Reads every manifest entry."""

    def __init__(self, home: Path) -> None:
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

    @cached_property
    def damaged(self) -> list[str]:
        """Segments that are not there or not of the size that the manifest states."""
        segments = (file for entry in self.entries for file in entry.files)
        return sorted(f.path for f in segments if size(self.landing.root / f.path) != f.bytes)

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


def day_of(path: str) -> str:
    """Day of landing of a segment, YYYY-MM-DD."""
    return path.partition("date=")[2][:10]


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
