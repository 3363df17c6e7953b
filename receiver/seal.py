"""The seal: a closed journal becomes partitions and a manifest entry. Also the recovery.

Segments are written first, then the manifest entry (the commit), and the journal goes last.
Names follow from slot and batch number, so that a seal that died is simply done again.
"""

from __future__ import annotations

import os
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from contract import envelope
from contract.landing import Entry, partition
from contract.outbox import Mark
from contract.segment import Segment
from contract.tombstones import Tombstones
from receiver import frames
from receiver.slot import Slot

_READ = 1 << 20


@dataclass(frozen=True)
class Damage:
    """Bytes of a journal that are no whole line, with whole lines after them."""

    slot: str
    seq: int
    offset: int
    data: bytes


Keep = Callable[[Damage], object]


@dataclass
class _Places:
    """Where the lines of one partition stand in the journal."""

    offsets: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, offset: int, length: int) -> None:
        self.offsets.append(offset)
        self.lengths.append(length)


def seal(slot: Slot, seq: int, journal: Path, keep: Keep) -> int:
    """Seal a closed journal and remove it; returns the number of lines that were sealed.

    A batch that stands in the manifest is not sealed again (0). Damage that is followed by
    whole lines goes to `keep`; a damaged tail was never answered for and is dropped.
    Raises OSError, after which the journal is untouched and the seal can be repeated.
    """
    landing, rows = slot.landing, 0
    if not _is_sealed(slot, seq):
        entry = Entry(slot.name, seq, tuple(_segments(slot, seq, journal, keep)))
        _fill_gap(slot, seq)
        landing.commit(entry)
        rows = entry.rows
    slot.sealed(max(seq, slot.last_sealed))
    with suppress(FileNotFoundError):
        journal.unlink()
    return rows


def _is_sealed(slot: Slot, seq: int) -> bool:
    """Whether the batch stands in the manifest, or has left with it to the object store."""
    landing = slot.landing
    if landing.manifest(slot.name, seq).exists():
        return True
    return seq <= Mark.of(landing, slot.name).shipped


def seal_all(slot: Slot, keep: Keep) -> int:
    """Seal every journal of a slot that no writer has open; returns the number of lines."""
    journals = slot.landing.open_journals(slot.name)
    return sum(seal(slot, seq, path, keep) for seq, path in journals)


def _segments(slot: Slot, seq: int, journal: Path, keep: Keep) -> Iterator[Segment]:
    erased = Tombstones.of(slot.landing.home)
    with journal.open("rb", buffering=_READ) as file:
        places, damage = _sort(file)
        for offset, length in damage:
            keep(Damage(slot.name, seq, offset, os.pread(file.fileno(), length, offset)))
        for (event_name, date), lines in sorted(places.items()):
            path = slot.landing.segment(event_name, date, slot.name, seq)
            yield slot.landing.write_segment(path, erased.apply(_read(file, lines)))


def _sort(file: BinaryIO) -> tuple[dict[tuple[str, str], _Places], list[tuple[int, int]]]:
    """Places of the whole lines by (partition, date), and of the damage between them."""
    places: defaultdict[tuple[str, str], _Places] = defaultdict(_Places)
    damage: list[tuple[int, int]] = []
    bad = 0
    for piece in frames.scan(file):
        if piece.line is None:
            bad += len(piece.raw)
            continue
        if bad:
            damage.append((piece.offset - bad, bad))
            bad = 0
        head = envelope.head(piece.line)
        key = partition(head["event_name"]), head["landed_at"][:10]
        places[key].add(piece.offset + frames.HEAD, len(piece.line))
    return places, damage


def _read(file: BinaryIO, places: _Places) -> Iterator[bytes]:
    """The lines at some places. Through the file's buffer: a system call a line is slow, and
    makes a thread that seals wait for those that take events, each time."""
    for offset, length in zip(places.offsets, places.lengths, strict=True):
        file.seek(offset)
        line = file.read(length)
        if len(line) != length:
            raise OSError("the journal became shorter while it was sealed")
        yield line


def _fill_gap(slot: Slot, seq: int) -> None:
    """Readers stop at the first missing number, so none may stay missing."""
    for missing in range(slot.last_sealed + 1, seq):
        if not slot.landing.manifest(slot.name, missing).exists():
            slot.landing.commit(Entry(slot.name, missing, ()))
