"""A chunk of lines to land, and the frames that are made of it.

What is made depends on the chunk alone, so that it can be made in any process: landing times
are set aside for a chunk when it is read, and a body that came before is numbered afterwards.

One step is done for all lines before the next: that takes a third less than line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from io import BytesIO
from itertools import groupby
from operator import methodcaller
from typing import NamedTuple

from contract import envelope
from contract.envelope import Event, NotUnderstood
from contract.landing import partition
from receiver import frames, identity, places
from receiver.places import Key, Places
from receiver.stamp import Written

_OURS = b'{"v":1,"event_id":'
_is_ours = methodcaller("startswith", _OURS)
_LANDED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_SHORTEST = len(b'{"meta":{"event_name":"_"},"data":{}}\n')


class Chunk(NamedTuple):
    """Whole lines of a file. first: when the first is landed, in microseconds since 1970, and
    each later one a microsecond after. most: bytes of a body that is landed."""

    lines: bytes
    first: int
    as_of: str | None
    most: int


class Framed(NamedTuple):
    """The frames of a chunk, the places of their lines, and what was not understood of it.

    rows: how many frames. bodies: of plain payloads, the short digest by the offset of the frame.
    aside: bodies and reasons.
    """

    data: bytes
    rows: int
    places: Places
    bodies: dict[int, int]
    aside: list[tuple[bytes, str]]


def landable(lines: bytes) -> int:
    """No fewer lines than can be landed of these: how many landing times to set aside."""
    count = lines.count(b"\n") + (not lines.endswith(b"\n"))
    return min(count, len(lines) // _SHORTEST + 1)


def framed(chunk: Chunk) -> Framed:
    """Plain payloads and our own landed lines as frames of a journal."""
    making = _Making(chunk)
    lines = [raw.rstrip(b"\r\n") for raw in BytesIO(chunk.lines) if not raw.isspace()]
    for are_ours, some in groupby(lines, _is_ours):
        if are_ours:
            making.ours(some)
        else:
            making.plain(some)
    return making.done()


class _Making:
    def __init__(self, chunk: Chunk) -> None:
        self._time, self._as_of, self._most = chunk.first, chunk.as_of, chunk.most
        self._written = Written()
        self._pieces: list[bytes] = []
        self._offsets: list[int] = []
        self._places = Places()
        self._bodies: dict[int, int] = {}
        self._aside: list[tuple[bytes, str]] = []

    def plain(self, found: Iterable[bytes]) -> None:
        """Payloads as they were sent."""
        bodies, events = self._understood(found)
        digests = [sha256(body).digest() for body in bodies]
        hexes = [digest.hex() for digest in digests]
        ids = identity.of_imports(hexes, self._as_of)
        times = self._written.several(self._time, len(bodies))
        self._time += len(bodies)
        lines = [
            envelope.parts(body, event, event_id, time, hex_, "import", None, self._as_of)
            for body, event, event_id, (time, _), hex_ in zip(
                bodies, events, ids, times, hexes, strict=True
            )
        ]
        days = [day for _, day in times]
        keys = [(partition(e.event_name), day) for e, day in zip(events, days, strict=True)]
        offsets = self._add(lines, keys)
        self._bodies.update(zip(offsets, identity.shorts(digests), strict=True))

    def _understood(self, found: Iterable[bytes]) -> tuple[list[bytes], list[Event]]:
        bodies: list[bytes] = []
        events: list[Event] = []
        for body in found:
            try:
                if len(body) > self._most:
                    raise NotUnderstood("too_big")  # noqa: TRY301
                events.append(envelope.understand(body))
                bodies.append(body)
            except NotUnderstood as error:
                self._aside.append((body, error.reason))
        return bodies, events

    def ours(self, found: Iterable[bytes]) -> None:
        """Landed lines (given without their newlines) as they are, where they are entire."""
        for landed in found:
            try:
                self._add([(landed, b"\n", b"")], [_key(landed)])
            except NotUnderstood as error:
                self._aside.append((landed, error.reason))

    def _add(self, lines: list[tuple[bytes, bytes, bytes]], keys: list[Key]) -> list[int]:
        """Frame the lines; offsets of the frames."""
        heads = [frames.head(*line) for line in lines]
        lengths = [len(start) + len(body) + len(end) for start, body, end in lines]
        self._pieces += [
            piece for head, line in zip(heads, lines, strict=True) for piece in (head, *line)
        ]
        offsets, offset = [], self._places.size
        for key, length in zip(keys, lengths, strict=True):
            offsets.append(offset)
            self._places.add(key, offset + frames.HEAD, length)
            offset += frames.HEAD + length
        self._places.size = offset
        return offsets

    def done(self) -> Framed:
        data, rows = b"".join(self._pieces), sum(map(len, self._places.lines.values()))
        return Framed(data, rows, self._places, self._bodies, self._aside)


def _key(landed: bytes) -> Key:
    """Where a landed line of ours is sealed to. Raises NotUnderstood when it is not entire."""
    try:
        head, body = envelope.split(landed)
    except ValueError as error:
        raise NotUnderstood("damaged_line") from error
    envelope.understand(body)
    whole = head.get("nl") or head.get("body_sha256") == sha256(body).hexdigest()
    named = all(isinstance(head.get(key), str) for key in ("event_id", "event_name", "landed_at"))
    if not (whole and named and _LANDED_AT.fullmatch(head["landed_at"])):
        raise NotUnderstood("damaged_line")
    return places.key(head["event_name"], head["landed_at"])


def numbered(made: Framed, counts: Mapping[int, int], as_of: str | None) -> bytes:
    """The frames; those at some offsets, in order, are of bodies that came so often before."""
    pieces: list[memoryview | bytes] = []
    data, at = memoryview(made.data), 0
    for offset, count in counts.items():
        start = offset + frames.HEAD
        end = made.data.index(b"\n", start) + 1
        line = made.data[start:end]
        head = envelope.head(line)
        id_ = identity.of_import(head["body_sha256"], as_of, count)
        # The id comes first in a line, and is as long as the one before.
        again = frames.frame(line.replace(head["event_id"].encode(), id_.encode(), 1))
        pieces += (data[at:offset], again)
        at = end
    return b"".join([*pieces, data[at:]])
