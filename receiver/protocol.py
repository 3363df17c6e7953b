"""HTTP/1.1 with the limits that uvicorn lacks: deadlines, a cap on the head, a full house."""

from __future__ import annotations

import asyncio
import math
from typing import Any, cast

from contract.settings import Settings
from receiver import answers
from receiver.intake import Intake
from receiver.lane import HEAD_BYTES, LaneConfig, LaneProtocol
from receiver.metrics import Counts

_SLOW_SECONDS = 1.0
_ENDING_SECONDS = 0.5
_ENDING_MOST = 64


class Config(LaneConfig):
    """With the receiver's settings and counts for the protocol to see."""

    def __init__(self, app: Any, settings: Settings, **options: Any) -> None:
        super().__init__(app, http=LimitedProtocol, **options)
        self.settings = settings
        self.counts = Counts()
        self.ending = 0


class LimitedProtocol(LaneProtocol):
    """`deadline` is the loop's time at which the sender has waited too long with its next part.

    It is infinite while we work. An idle connection has one too, instead of uvicorn's timer a
    request.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._limits = cast("Config", self.config)
        self._head = 0
        self._part = False
        self._await_head()
        self.ended = False
        self.unread_since = math.inf
        if len(self.connections) - self._limits.ending > self._limits.settings.max_connections:
            self._make_room()

    def _await_head(self) -> None:
        self.in_head = True
        self.since = self.loop.time()
        self.deadline = self.since + self._limits.settings.header_seconds

    def _make_room(self) -> None:
        """The slowest sender goes; if none is slow, this one.

        First one without a whole head: senders of real deliveries show it at once, and a token
        with it. Else one that idles, else one whose body takes longer than a second.
        """
        every = [cast("LimitedProtocol", connection) for connection in self.connections]
        others = [one for one in every if one is not self and not one.ended]
        slow = [other for other in others if other.in_head]
        idle = [other for other in others if other.cycle and other.cycle.response_complete]
        late = self.loop.time() - _SLOW_SECONDS
        dragging = [other for other in others if other.deadline < math.inf and other.since < late]
        if choice := slow or idle or dragging:
            min(choice, key=lambda other: other.since).expire()
        else:
            self._end("connections")

    def data_received(self, data: bytes) -> None:
        if self.ended or self.transport.is_closing():
            return
        if self.in_head:
            self._head += len(data)
        super().data_received(data)
        if self._part and self.cycle and not self.cycle.response_complete:
            # One read at a time: a thousand senders must not each fill a buffer of their own.
            self._part = False
            self.flow.pause_reading()
        if self.in_head and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._end("headers")

    def _repeat(self, intake: Intake, label: str, headers: dict[bytes, bytes], body: bytes) -> None:
        self.in_head = False
        self._work()
        self._take(intake, label, headers, body)

    def _work(self) -> None:
        """The request is whole: from here on it is we who take time."""
        self._head = 0
        self.since = self.loop.time()
        self.deadline = math.inf

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self.in_head = False
        self.since = self.loop.time()
        self.deadline = self.since + self._limits.settings.body_seconds
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._part = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._part = False
        self._work()
        super().on_message_complete()
        self._rest()

    def on_response_complete(self) -> None:
        """As uvicorn's, but for the timer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._rest()

    def _rest(self) -> None:
        """The connection idles once the whole request is here and answered."""
        if self.deadline == math.inf and not self.in_head and self.cycle.response_complete:
            self.since = self.loop.time()
            self.deadline = self.since + self.timeout_keep_alive

    def pause_writing(self) -> None:
        """The peer does not read its answers, and what it asks for is not free either."""
        super().pause_writing()
        self.unread_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.unread_since = math.inf

    def sweep(self, now: float) -> None:
        """End what takes too long."""
        if self.unread_since + self._limits.settings.body_seconds < now:
            self.transport.abort()
        elif self.deadline < now:
            self.expire()

    def send_400_response(self, msg: str) -> None:
        if self._named > HEAD_BYTES:
            self._end("headers")
        else:
            super().send_400_response(msg)

    def expire(self) -> None:
        """The sender was too slow, or idles while others wait."""
        if self.cycle and self.cycle.response_complete and not self.in_head:
            self.transport.close()
        else:
            self._end("too_slow")

    def _end(self, reason: str) -> None:
        """Answer outside ASGI, if nothing was answered yet, and hang up.

        What still comes is read and dropped for a moment: closing with unread data would reset
        the connection, and the sender would not see the answer.
        """
        if self.ended:
            return
        self._limits.counts.refused[reason] += 1
        self.deadline = math.inf
        self._kept = False
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(answers.refusal(reason).raw)
        if self._limits.ending < _ENDING_MOST:
            self.ended = True
            self._limits.ending += 1
            self.flow.resume_reading()
            self.loop.call_later(_ENDING_SECONDS, self.transport.close)
        else:
            self.transport.close()
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.ended:
            self._limits.ending -= 1
        super().connection_lost(exc)
