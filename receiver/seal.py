"""The seal: a closed journal becomes partitions and a manifest entry. Also the recovery.

Segments are written first, then the manifest entry (the commit), and the journal goes last.
Names follow from slot and batch number, so that a seal that died is simply done again.

Who wrote the journal knows the places of its lines, and the seal only copies them, a block at a
time: it shares the interpreter with those that take events. A journal that was found is scanned.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from contract import durable, envelope
from contract.landing import Entry
from contract.outbox import Mark
from contract.segment import Segment
from contract.tombstones import Tombstones
from receiver import frames, spare
from receiver.places import Lines, Places, key
from receiver.slot import Slot

_READ = 1 << 20
_BLOCK = 256 << 10


@dataclass(frozen=True)
class Damage:
    """Bytes of a journal that are no whole line, with whole lines after them."""

    slot: str
    seq: int
    offset: int
    data: bytes


Keep = Callable[[Damage], object]


def seal(
    slot: Slot,
    seq: int,
    journal: Path,
    keep: Keep,
    places: Places | None = None,
    *,
    reuse: bool = True,
    step: int = durable.STEP,
) -> int:
    """Seal a closed journal and remove it; returns the number of lines that were sealed.

    places: of its lines, where this process wrote it; then, where `reuse`, its file becomes the
    slot's spare. step: bytes of a sync.

    A batch that stands in the manifest is not sealed again (0). Damage that is followed by
    whole lines goes to `keep`; a damaged tail was never answered for and is dropped.
    Raises OSError, after which the journal is untouched and the seal can be repeated.
    """
    landing, rows = slot.landing, 0
    known = places if places and _fit(places, journal) else None
    if not _is_sealed(slot, seq):
        entry = Entry(slot.name, seq, tuple(_segments(slot, seq, journal, keep, known, step)))
        _fill_gap(slot, seq)
        landing.commit(entry)
        rows = entry.rows
    slot.sealed(max(seq, slot.last_sealed))
    with suppress(FileNotFoundError):
        if known and reuse:
            spare.keep(journal, known.size, landing.spare(slot.name))
        else:
            spare.remove(journal)
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


def _segments(
    slot: Slot, seq: int, journal: Path, keep: Keep, places: Places | None, step: int
) -> Iterator[Segment]:
    erased = Tombstones.of(slot.landing.home)
    with journal.open("rb", buffering=_READ) as file:
        if places is None:
            places = _scan(file, lambda offset, data: keep(Damage(slot.name, seq, offset, data)))
        for (name, day), lines in sorted(places.lines.items()):
            path = slot.landing.segment(name, day.isoformat(), slot.name, seq)
            blocks = _read(file, lines)
            if erased:
                each = (line for block in blocks for line in block)
                yield slot.landing.write_segment(path, erased.apply(each), step=step)
            else:
                yield slot.landing.write_segment(path, map(b"".join, blocks), len(lines), step)


def _fit(places: Places, journal: Path) -> bool:
    """Whether the journal ends, or zeros begin in it, where the places end."""
    with journal.open("rb", buffering=0) as file:
        file.seek(places.size)
        return journal.stat().st_size >= places.size and not file.read(_BLOCK).strip(b"\0")


def _scan(file: BinaryIO, damaged: Callable[[int, bytes], object]) -> Places:
    """Places of the whole lines; of the damage between them `damaged` is told."""
    places = Places()
    bad = 0
    for piece in frames.scan(file):
        if piece.line is None:
            bad += len(piece.raw)
            continue
        if bad:
            start = piece.offset - bad
            damaged(start, os.pread(file.fileno(), bad, start))
            bad = 0
        head = envelope.head(piece.line)
        to = key(head["event_name"], head["landed_at"])
        places.add(to, piece.offset + frames.HEAD, len(piece.line))
    return places


def _read(file: BinaryIO, lines: Lines) -> Iterator[list[bytes]]:
    """The lines at some places, a block at a time.

    A system call a line is slow, and makes a thread that seals wait for those that take events,
    each time.
    """
    for offset, length, slices in lines.blocks(_BLOCK):
        block = os.pread(file.fileno(), length, offset)
        if len(block) != length:
            raise OSError("the journal became shorter while it was sealed")
        found = [block[start:end] for start, end in slices]
        if not all(line.endswith(b"\n") for line in found):
            raise OSError("the journal does not hold what was written to it")
        yield found


def _fill_gap(slot: Slot, seq: int) -> None:
    """Readers stop at the first missing number, so none may stay missing."""
    for missing in range(slot.last_sealed + 1, seq):
        if not slot.landing.manifest(slot.name, missing).exists():
            slot.landing.commit(Entry(slot.name, missing, ()))
