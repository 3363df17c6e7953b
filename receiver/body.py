"""The body of an ASGI request, counted while it comes: nothing is kept beyond the cap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from receiver.answers import Receive, Refused
from receiver.auth import Headers

_LINGER_SECONDS = 1.0
_LINGER_BYTES = 8 << 20


class SenderLeft(Exception):
    """The sender closed the connection before the body was whole: there is no one to answer."""


class Body:
    """`hold` is told of each part's bytes and may raise Refused; `size` is what it was told."""

    def __init__(self, receive: Receive, hold: Callable[[int], None]) -> None:
        self._receive, self._hold = receive, hold
        self._more = True
        self.size = 0

    async def read(self, headers: Headers, cap: int) -> bytes:
        """The whole body. Raises Refused (too_big, overloaded) and SenderLeft."""
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > cap:
            raise Refused("too_big")
        chunks = []
        while self._more:
            chunk = await self._next()
            self.size += len(chunk)
            self._hold(len(chunk))
            if self.size > cap:
                raise Refused("too_big")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._more = False
            raise SenderLeft
        self._more = message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

    async def drain(self) -> None:
        """Let the sender finish for a while, so that it reads the answer and not a reset."""
        end, size = monotonic() + _LINGER_SECONDS, 0
        try:
            while self._more and size < _LINGER_BYTES:
                size += len(await asyncio.wait_for(self._next(), end - monotonic()))
        except (TimeoutError, SenderLeft):
            return
