"""Where the lines of a journal stand, by partition: known of those that this process wrote."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from contract.landing import partition
from receiver.frames import HEAD

Key = tuple[str, date]  # partition and day of landing


def key(event_name: str, landed_at: str) -> Key:
    """Where a landed line is sealed to."""
    return partition(event_name), date.fromisoformat(landed_at[:10])


@dataclass
class Lines:
    """Offsets and lengths of lines, in the order of the journal."""

    offsets: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("L"))

    def __len__(self) -> int:
        return len(self.offsets)

    def blocks(self, most: int) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        """Stretches of the journal that hold the lines: offset, length, and within each stretch
        where lines begin and end. A stretch has `most` bytes, or one line that is longer."""
        start = end = 0
        slices: list[tuple[int, int]] = []
        for offset, length in zip(self.offsets, self.lengths, strict=True):
            if slices and offset + length - start > most:
                yield start, end - start, slices
                slices = []
            if not slices:
                start = offset
            end = offset + length
            slices.append((offset - start, end - start))
        if slices:
            yield start, end - start, slices


@dataclass
class Places:
    """The lines of one journal; `size` is how long the journal must be for them to be right."""

    size: int = 0
    lines: defaultdict[Key, Lines] = field(default_factory=lambda: defaultdict(Lines))

    def add(self, key: Key, offset: int, length: int) -> None:
        """A line (without what frames it) of the journal."""
        lines = self.lines[key]
        lines.offsets.append(offset)
        lines.lengths.append(length)

    def wrote(self, frames: Iterable[tuple[Key, int]]) -> None:
        """Frames of these lengths were appended."""
        size, known = self.size, self.lines
        for key, length in frames:  # each line that is landed comes by here: no call for it
            lines = known[key]
            lines.offsets.append(size + HEAD)
            lines.lengths.append(length - HEAD)
            size += length
        self.size = size

    def follow(self, later: Places) -> None:
        """What `later` has places in was appended."""
        size, known = self.size, self.lines
        for key, lines in later.lines.items():
            known[key].offsets.extend(offset + size for offset in lines.offsets)
            known[key].lengths.extend(lines.lengths)
        self.size = size + later.size
