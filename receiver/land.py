"""`hiring land`: JSON lines from files into the landing zone, with the receiver's own journal."""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Literal

from contract import envelope, segment
from contract.envelope import NotUnderstood
from contract.landing import partition
from contract.settings import Settings
from receiver import places
from receiver.batch import Batch
from receiver.identity import Occurrences, derived
from receiver.places import Key
from receiver.quarantine import Quarantine
from receiver.stamp import Clock

STDIN: Literal["-"] = "-"
Progress = Callable[[int], None]
_OURS = b'{"v":1,"event_id":'
_LANDED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_EVERY = 1000


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
    Raises SlotBusy, QuarantineFull, NoSpace, Poisoned, OSError, DamagedSegment.
    """
    start = monotonic()
    run = _Run(settings, as_of)
    with run.batch:
        for number, line in enumerate(_lines(files), start=1):
            run.take(line)
            if progress and number % _EVERY == 0:
                progress(number)
    lines = run.landed + run.quarantined
    if progress:
        progress(lines)
    return Landed(lines, run.landed, run.quarantined, run.batch.sealed, monotonic() - start)


class _Run:
    def __init__(self, settings: Settings, as_of: datetime | None) -> None:
        self.batch = Batch(settings)
        self.landed = self.quarantined = 0
        self._quarantine = Quarantine(settings)
        self._max = settings.max_body_bytes
        self._as_of = as_of
        self._clock = Clock()
        self._occurrences = Occurrences(as_of)

    def take(self, raw: bytes) -> None:
        body = raw.rstrip(b"\r\n")
        try:
            line, key = _ours(body) if body.startswith(_OURS) else self._plain(body)
        except NotUnderstood as error:
            self._set_aside(body, error.reason)
        else:
            self.batch.add(line, key)
            self.landed += 1

    def _plain(self, body: bytes) -> tuple[bytes, Key]:
        if len(body) > self._max:
            raise NotUnderstood("too_big")
        event = envelope.understand(body)
        digest = sha256(body).digest()
        landed_at, day = self._clock.stamp()
        line = envelope.line(
            body,
            event,
            event_id=self._occurrences.event_id(digest),
            landed_at=landed_at,
            source="import",
            as_of=self._as_of,
            body_sha256=digest.hex(),
        )
        return line, (partition(event.event_name), day)

    def _set_aside(self, body: bytes, reason: str) -> None:
        place = derived("quarantine", self._occurrences.event_id(sha256(body).digest()))
        self._quarantine.put(
            body,
            reason,
            id=place,
            received_at=self._clock.now(),
            source="import",
            as_of=self._as_of,
        )
        self.quarantined += 1


def _ours(landed: bytes) -> tuple[bytes, Key]:
    """A landed line (given without its newline) as it is, when it is entire, and its partition.

    Raises NotUnderstood.
    """
    try:
        head, body = envelope.split(landed)
    except ValueError as error:
        raise NotUnderstood("damaged_line") from error
    envelope.understand(body)
    whole = head.get("nl") or head.get("body_sha256") == sha256(body).hexdigest()
    named = all(isinstance(head.get(key), str) for key in ("event_id", "event_name", "landed_at"))
    if not (whole and named and _LANDED_AT.fullmatch(head["landed_at"])):
        raise NotUnderstood("damaged_line")
    return landed + b"\n", places.key(head["event_name"], head["landed_at"])


def _lines(files: Sequence[Path | Literal["-"]]) -> Iterator[bytes]:
    for name in files:
        yield from (line for line in _lines_of(name) if not line.isspace())


def _lines_of(name: Path | Literal["-"]) -> Iterator[bytes]:
    if name == STDIN:
        yield from sys.stdin.buffer
    elif (path := Path(name)).suffix == ".gz":
        with gzip.open(path, "rb") as file:
            yield from file
    else:
        yield from segment.lines(path)
