"""Which sealed segments are new, whether they are whole, and in which batches they load."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from contract.landing import IMPORT_SLOT, Entry, Landing

# By raw table the event ids (a column event_id) of deliveries that were loaded before.
Known = Mapping[str, pa.Table]

BATCH_ROWS = 30_000  # planning one costs as much as 7,000; two of 77,000 rows take 1.5 GB
BATCH_BYTES = 128 << 20
_PART = 4 << 20  # between small ones Python's lock is waited for, while dlt is imported


@dataclass
class Batch:
    """Manifest entries that are read together, and those of them set aside as damaged."""

    entries: list[Entry] = field(default_factory=list)
    damaged: set[tuple[str, int]] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Names the batch by its first entry: the same when a killed load is repeated."""
        return f"{self.entries[0].slot}/{self.entries[0].seq}" if self.entries else "none"

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.entries)

    def may_repeat(self, watermark: Mapping[str, int]) -> bool:
        """Whether its deliveries may be loaded already.

        `hiring land` may land again what is known; and beyond the watermark of an older
        warehouse stands what was merged since, with entries that it has loaded.
        """
        return any(
            _is_import(entry) or entry.first <= watermark.get(entry.slot, 0)
            for entry in self.entries
        )

    def verify(self, landing: Landing) -> None:
        """Set aside the entries that are not whole."""
        self.damaged = {(e.slot, e.seq) for e in self.entries if not is_whole(landing, e)}

    def sound(self) -> Iterator[Entry]:
        return (e for e in self.entries if (e.slot, e.seq) not in self.damaged)

    def files(self, landing: Landing) -> list[Path]:
        return [landing.root / file.path for entry in self.sound() for file in entry.files]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as they are to be loaded: imports last, since they may repeat the others."""
    return sorted(entries, key=_is_import)


def _is_import(entry: Entry) -> bool:
    return entry.slot.startswith(IMPORT_SLOT)


def batches(entries: Iterable[Entry]) -> Iterator[Batch]:
    """Batches of bounded size, in the order of the entries; none is verified."""
    batch, rows, size = Batch(), 0, 0
    for entry in entries:
        batch.entries.append(entry)
        rows, size = rows + entry.rows, size + entry.line_bytes
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, rows, size = Batch(), 0, 0
    if batch.entries:
        yield batch


def is_whole(landing: Landing, entry: Entry) -> bool:
    """Whether every file of an entry is there with the checksum that the manifest states."""
    return all(_checksum(landing.root / file.path) == file.sha256 for file in entry.files)


def _checksum(path: Path) -> str | None:
    digest = hashlib.sha256()
    part = memoryview(bytearray(_PART))  # a new one for each part would be new memory each time
    try:
        with path.open("rb", buffering=0) as file:
            while size := file.readinto(part):
                digest.update(part[:size])
    except OSError:
        return None
    return digest.hexdigest()
