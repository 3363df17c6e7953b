"""HTTP/1.1 with the limits that uvicorn lacks: deadlines, a cap on the head, a full house."""

from __future__ import annotations

import asyncio
import math
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from contract.settings import Settings
from receiver import answers
from receiver.metrics import Counts

HEAD_BYTES = 32 << 10


class HeadTooLarge(ValueError):
    """The request line and headers are longer than HEAD_BYTES."""


class Config(uvicorn.Config):
    """uvicorn's, with the receiver's settings and counts for the protocol to see."""

    def __init__(self, app: Any, settings: Settings, **options: Any) -> None:
        super().__init__(app, http=LimitedProtocol, **options)
        self.settings = settings
        self.counts = Counts()


class LimitedProtocol(HttpToolsProtocol):
    """`deadline` is the loop's time at which the sender has waited too long with its next part.

    It is infinite while we work or the connection idles (uvicorn's keep-alive ends that).
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._limits = cast("Config", self.config)
        self._head = 0
        self._await_head()
        if len(self.connections) > self._limits.settings.max_connections:
            self._make_room()

    def _await_head(self) -> None:
        self.in_head = True
        self.deadline = self.loop.time() + self._limits.settings.header_seconds

    def _make_room(self) -> None:
        """The connection that has been longest without a whole head goes; if none, this one.

        Senders of real deliveries show a head at once, and a token with it.
        """
        others = [cast("LimitedProtocol", c) for c in self.connections if c is not self]
        slow = [other for other in others if other.in_head]
        if slow:
            min(slow, key=lambda other: other.deadline).expire()
        else:
            self._end("connections")

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.in_head:
            self._head += len(data)
        super().data_received(data)
        if self.in_head and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._end("headers")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._named = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def _count(self, size: int) -> None:
        """Trailers of a chunked body count, too: they are kept in memory like headers."""
        self._named += size
        if self._named > HEAD_BYTES:
            raise HeadTooLarge

    def on_headers_complete(self) -> None:
        self.in_head = False
        self.deadline = self.loop.time() + self._limits.settings.body_seconds
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._head = 0
        self.deadline = math.inf
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._named > HEAD_BYTES:
            self._end("headers")
        else:
            super().send_400_response(msg)

    def expire(self) -> None:
        """The sender was too slow."""
        self._end("too_slow")

    def _end(self, reason: str) -> None:
        """Answer outside ASGI, if nothing was answered yet, and hang up."""
        self._limits.counts.refused[reason] += 1
        self.deadline = math.inf
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(answers.raw(reason))
        self.transport.close()
