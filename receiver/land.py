"""`hiring land`: JSON lines from files into the landing zone, with the receiver's own journal."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from time import monotonic
from typing import Literal, cast

from contract import segment
from contract.envelope import timestamp
from contract.settings import Settings
from receiver import makers
from receiver.batch import Batch
from receiver.chunk import Chunk, Framed, landable, numbered
from receiver.identity import Occurrences, derived, of_import, shorts
from receiver.quarantine import Quarantine
from receiver.stamp import Clock

STDIN: Literal["-"] = "-"
Progress = Callable[[int], None]
_CHUNK = 512 << 10


@dataclass(frozen=True)
class Landed:
    """What `land` did: lines read (blank ones left out), landed, quarantined; batches sealed."""

    lines: int
    landed: int
    quarantined: int
    batches: int
    seconds: float


def land(
    settings: Settings,
    files: Sequence[Path | Literal["-"]],
    *,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> Landed:
    """Land plain payloads or our own landed lines, one JSON object a line.

    `.gz` is unpacked, and a segment of a copied landing zone may be Parquet.

    When it returns, every line is sealed and in the manifest, or in the quarantine. Killed and
    repeated with the same files it counts nothing twice. `progress` gets the lines read so far.
    Raises SlotBusy, QuarantineFull, NoSpace, Poisoned, MakerDied, OSError, DamagedSegment.
    """
    start = monotonic()
    run = _Run(settings, as_of)
    with run.batch, closing(makers.made(run.chunks(files))) as made:
        for framed in made:
            run.take(framed)
            if progress:
                progress(run.landed + run.quarantined)
    lines = run.landed + run.quarantined
    return Landed(lines, run.landed, run.quarantined, run.batch.sealed, monotonic() - start)


class _Run:
    def __init__(self, settings: Settings, as_of: datetime | None) -> None:
        self.batch = Batch(settings)
        self.landed = self.quarantined = 0
        self._quarantine = Quarantine(settings)
        self._most = settings.max_body_bytes
        self._stood = as_of
        self._as_of = timestamp(as_of) if as_of else None
        self._clock = Clock()
        self._occurrences = Occurrences()

    def chunks(self, files: Sequence[Path | Literal["-"]]) -> Iterator[Chunk]:
        for name in files:
            for lines in _lines(name):
                first = self._clock.reserve(landable(lines))
                yield Chunk(lines, first, self._as_of, self._most)

    def take(self, made: Framed) -> None:
        data, repeated = made.data, self._occurrences.repeated(made.bodies)
        if repeated:
            data = numbered(made, repeated, self._as_of)
        self.batch.add_frames(data, made.places)
        self.landed += made.rows
        for body, reason in made.aside:
            self._set_aside(body, reason)

    def _set_aside(self, body: bytes, reason: str) -> None:
        digest = sha256(body)
        [count] = map(self._occurrences.before, shorts([digest.digest()]))
        self._quarantine.put(
            body,
            reason,
            id=derived("quarantine", of_import(digest.hexdigest(), self._as_of, count)),
            received_at=self._clock.now(),
            source="import",
            as_of=self._stood,
        )
        self.quarantined += 1


def _lines(name: Path | Literal["-"]) -> Iterator[bytes]:
    """Whole lines of a file, many at a time."""
    if name == STDIN:
        yield from segment.pieces(cast(BufferedReader, sys.stdin.buffer), _CHUNK)
    elif (path := Path(name)).suffix == ".gz":
        with gzip.open(path, "rb") as file:
            yield from segment.pieces(file, _CHUNK)
    else:
        yield from segment.lines_by(path, _CHUNK)
