"""The lane: a delivery that comes whole within one read is taken without a task and without ASGI.

Until a read shows whether a request is such a one, what the parser says of it is kept; then it
goes to the `Intake`, or is played to uvicorn as it came. What is asked for while a delivery of
the same connection is being written is played to uvicorn too, which keeps the order of answers.
A delivery whose head is that of the one before (receiver/known.py) needs no parser.
"""

from __future__ import annotations

from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from receiver.answers import Answer, Refused
from receiver.intake import Intake, is_hook
from receiver.known import Known, remember

HEAD_BYTES = 32 << 10
_UNUSUAL = frozenset((b"content-encoding", b"expect", b"upgrade"))


class HeadTooLarge(ValueError):
    """The request line and headers are longer than HEAD_BYTES."""


class _Deaf:
    """Nobody waits for this event."""

    def set(self) -> None: ...


class Direct:
    """A delivery in the lane, with as much of uvicorn's RequestResponseCycle as others look at."""

    message_event = _Deaf()
    response_started = False

    __slots__ = ("_intake", "_protocol", "_size", "disconnected", "keep_alive", "response_complete")

    def __init__(self, protocol: LaneProtocol, intake: Intake, size: int) -> None:
        self._protocol, self._intake, self._size = protocol, intake, size
        self.disconnected = self.response_complete = False
        self.keep_alive = True

    def take(self, label: str, headers: dict[bytes, bytes], body: bytes) -> None:
        try:
            self._intake.hold(self._size)
        except Refused as refused:
            self.reply(self._intake.refuse(refused.reason))
        else:
            self._intake.accept(label, headers, body, self.reply)

    def reply(self, answer: Answer) -> None:
        """Write the answer, unless the sender has gone."""
        self._intake.free(self._size)
        self.response_complete = True
        transport = self._protocol.transport
        if self.disconnected or transport.is_closing():
            return
        if not self.keep_alive:
            answer = answer.closing()
        transport.write(answer.raw)
        if answer.closes:
            transport.close()
        self._protocol.on_response_complete()


class LaneConfig(uvicorn.Config):
    """uvicorn's, with the `intake` of the worker while one runs."""

    intake: Intake | None = None


class LaneProtocol(HttpToolsProtocol):
    """uvicorn's protocol with the lane."""

    _kept = False
    _named = 0
    _between = True  # no request has begun that is not whole
    _taken = False  # the last read brought a delivery that took the lane
    _known: Known | None = None

    def data_received(self, data: bytes) -> None:
        between, self._taken = self._between, False
        known = self._known if between else None
        if known and (intake := self._open()) and (again := known.read(data)):
            self._repeat(intake, known.label, *again)
            return
        super().data_received(data)
        if self._kept and not self.transport.is_closing():
            self._play()  # more is to come
        if between and self._taken and self._between:
            self._known = remember(data, self._label, self._headers, self._limit)

    def _open(self) -> Intake | None:
        """The intake, while a delivery of this connection may take the lane."""
        closed = not self._is_idle() or self.flow.write_paused
        return None if closed else cast("LaneConfig", self.config).intake

    def _is_idle(self) -> bool:
        """Whether nobody waits for an answer here."""
        return self.cycle is None or self.cycle.response_complete

    def _repeat(self, intake: Intake, label: str, headers: dict[bytes, bytes], body: bytes) -> None:
        """Take a delivery whose head is known."""
        self._take(intake, label, headers, body)

    def _take(self, intake: Intake, label: str, headers: dict[bytes, bytes], body: bytes) -> None:
        direct = Direct(self, intake, len(body))
        self.cycle = cast("Any", direct)
        direct.take(label, headers, body)

    def on_message_begin(self) -> None:
        self._between = False
        self._kept = False
        self._named = 0
        self._url = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._named += len(url)
        if self._named > HEAD_BYTES:
            raise HeadTooLarge

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers of a chunked body count, too: they are kept in memory like headers."""
        self._named += len(name) + len(value) + 4
        if self._named > HEAD_BYTES:
            raise HeadTooLarge
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        self._kept = self._admitted()
        if not self._kept:
            self._play()

    def on_body(self, body: bytes) -> None:
        if self._kept and not self._body and len(body) <= self._limit:
            self._body = body
            return
        if self._kept:
            self._play()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._between = True
        if self._kept:
            self._kept, self._taken = False, True
            self._take(self._taker, self._label, self._headers, self._body)
        else:
            super().on_message_complete()

    def _admitted(self) -> bool:
        """Whether this takes the lane if its body comes at once. What is refused does not."""
        intake = self._open()
        if intake is None or not self._is_plain():
            return False
        peer = self.client[0] if self.client else None
        headers = {name.lower(): value for name, value in self._fields}
        if not _UNUSUAL.isdisjoint(headers):
            return False
        try:
            self._label = intake.admit(self._url.decode("latin-1"), peer, headers)
        except Refused:
            return False
        self._taker, self._headers = intake, headers
        self._limit = intake.settings.max_body_bytes
        return True

    def _is_plain(self) -> bool:
        parser, url = self.parser, self._url
        return (
            parser.get_method() == b"POST"
            and is_hook(url.decode("latin-1"))
            and b"?" not in url
            and b"%" not in url
            and parser.should_keep_alive()
            and parser.get_http_version() == "1.1"
        )

    def _play(self) -> None:
        """Let uvicorn see the request from its begin."""
        self._kept = False
        super().on_message_begin()
        super().on_url(self._url)
        for name, value in self._fields:
            super().on_header(name, value)
        super().on_headers_complete()
        body, self._body = self._body, b""  # uvicorn has its own copy: of thousands they add up
        if body:
            super().on_body(body)
