"""A journal's lines: eight hex digits of CRC-32, a space, the landed line.

The checksum tells an entire line from the tail that a power cut leaves: torn, cut, filled with
NUL, or garbage.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from zlib import crc32

from contract import zeros

HEAD = 9


def frame(line: bytes) -> bytes:
    """A landed line (with its newline) as the journal keeps it."""
    return b"%08x " % crc32(line) + line


def head(start: bytes, body: bytes, end: bytes) -> bytes:
    """What stands before a landed line that is joined of these parts."""
    return b"%08x " % crc32(end, crc32(body, crc32(start)))


class Piece(NamedTuple):
    """A stretch of a journal: an entire line, or damage (`line` is None)."""

    offset: int
    raw: bytes
    line: bytes | None


def scan(file: BinaryIO) -> Iterator[Piece]:
    """The pieces of a journal in order, each up to a newline, all but the zeros at its end."""
    offset, stop = 0, zeros.begin(file)
    while raw := file.readline(stop - offset):
        line = raw[HEAD:]
        whole = raw.endswith(b"\n") and raw[:HEAD] == b"%08x " % crc32(line)
        yield Piece(offset, raw, line if whole else None)
        offset += len(raw)
