"""A segment: a file of sealed lines, as JSON or as Parquet. The one place that tells them apart.

Whatever its format, a segment is read with `lines` and written with `write`: its suffix says how.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Any

from contract import durable

PLAIN, PACKED = ".jsonl", ".parquet"
_READ = 1 << 20
_REVISION = re.compile(r"\.r(\d+)\.(?:jsonl|parquet)$")


class Unpackable(ValueError):
    """Lines that would not come back out of Parquet; the segment stays as it is."""


class DamagedSegment(ValueError):
    """A Parquet segment cannot be read; `path` says which."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"segment {path} cannot be read; restore it from a backup")
        self.path = path


@dataclass(frozen=True)
class Segment:
    """A file of sealed lines. `path` is relative to `landing/`.

    bytes, sha256: of the file. line_bytes, lines_sha256: of the lines, where it is not they.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    line_bytes: int | None = None
    lines_sha256: str | None = None

    @property
    def is_packed(self) -> bool:
        return self.path.endswith(PACKED)

    def as_dict(self) -> dict[str, Any]:
        """What the manifest says of it; what does not apply is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def write(
    root: Path,
    path: str,
    lines_: Iterable[bytes],
    rows: int | None = None,
    step: int = durable.STEP,
) -> Segment:
    """Write `root`/`path` durably and describe it.

    rows: how many lines there are, where they come several in a piece (not into Parquet).
    step: bytes of a sync.
    A Parquet segment is read again. Raises Unpackable when its lines do not come back.
    """
    given = _Sum()
    if not path.endswith(PACKED):
        durable.write(root / path, given.over(lines_), step=step)
        return Segment(path, given.pieces if rows is None else rows, given.size, given.sha256)
    from contract import packed

    file, back = _Sum(), _Sum()
    durable.write(root / path, file.over(packed.chunks(given.over(lines_))), step=step)
    for _ in back.over(lines(root / path)):
        pass
    if back.sha256 != given.sha256:
        (root / path).unlink()
        raise Unpackable(f"{path} does not give back the lines that it was made of")
    return Segment(path, given.pieces, file.size, file.sha256, given.size, given.sha256)


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a segment, or of a file like one. Raises DamagedSegment, OSError."""
    if path.suffix == PACKED:
        from contract import packed  # it imports pyarrow, and most commands need none

        yield from packed.lines(path)
    else:
        with path.open("rb", buffering=_READ) as file:  # a default one holds six lines
            yield from file


def lines_by(path: Path, size: int) -> Iterator[bytes]:
    """The same lines, about `size` bytes of them at a time. Raises DamagedSegment, OSError."""
    if path.suffix == PACKED:
        yield from _joined(lines(path), size)
    else:
        with path.open("rb") as file:
            yield from pieces(file, size)


def pieces(file: BufferedReader | GzipFile, size: int) -> Iterator[bytes]:
    """Whole lines of a file, about `size` bytes of them at a time."""
    while piece := _read(file, size):
        yield piece + file.readline()


def _read(file: BufferedReader | GzipFile, size: int) -> bytes:
    """`size` bytes, fewer at the end, by one call of the system after the other: of a pipe that
    has no more, `read` would notice no interrupt that came between two of them."""
    parts: list[bytes] = []
    while size and (part := file.read1(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _joined(lines_: Iterable[bytes], size: int) -> Iterator[bytes]:
    some: list[bytes] = []
    held = 0
    for line in lines_:
        some.append(line)
        held += len(line)
        if held >= size:
            yield b"".join(some)
            some, held = [], 0
    yield b"".join(some)


def revision(path: str) -> int:
    """How often a segment was rewritten: 0 for one as it was sealed."""
    match = _REVISION.search(path)
    return int(match[1]) if match else 0


@dataclass
class _Sum:
    """Counts what passes through it."""

    pieces: int = 0
    size: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def over(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._digest.update(piece)
            self.pieces += 1
            self.size += len(piece)
            yield piece

    @property
    def sha256(self) -> str:
        return str(self._digest.hexdigest())
