"""HTTP/1.1 with the limits that uvicorn lacks: deadlines, a cap on the head, a full house."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import Any, cast

from contract.settings import Settings
from receiver import answers
from receiver.intake import Intake
from receiver.lane import HEAD_BYTES, LaneConfig, LaneProtocol
from receiver.metrics import Counts

_HEAD_SECONDS = 0.25
_SLOW_SECONDS = 1.0
_LOOK_SECONDS = 0.05
_SPARE_ROOM = 8
_ENDING_SECONDS = 0.5
_ENDING_MOST = 64
_LEAVING_SECONDS = 0.5


class Config(LaneConfig):
    """With the receiver's settings and counts for the protocol to see."""

    def __init__(self, app: Any, settings: Settings, **options: Any) -> None:
        super().__init__(app, http=LimitedProtocol, **options)
        self.settings = settings
        self.counts = Counts()
        self.ending = 0
        self.slowest: deque[LimitedProtocol] = deque()
        self.look_at = 0.0


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
        self.ended = self.leaving = False
        self.unread_since = math.inf
        if len(self.connections) - self._limits.ending > self._limits.settings.max_connections:
            self._make_room()

    def _await_head(self) -> None:
        self.in_head = True
        self.since = self.loop.time()
        self.deadline = self.since + self._limits.settings.header_seconds

    def _make_room(self) -> None:
        """The slowest sender goes; if none is slow, this one.

        The house is looked through for many newcomers at once: a crowd comes by the thousand. While
        none is slow, an eighth more may stay: of a delivery that comes in one read it is gone soon.
        """
        now, limits = self.loop.time(), self._limits
        if not limits.slowest and limits.look_at <= now:
            limits.slowest = self._slowest(now)
            limits.look_at = now + _LOOK_SECONDS
        while limits.slowest:
            other = limits.slowest.popleft()
            if other.rank(now) is not None:
                other.expire()
                return
        most = limits.settings.max_connections
        if len(self.connections) - limits.ending > most + most // _SPARE_ROOM:
            self._end("connections")

    def _slowest(self, now: float) -> deque[LimitedProtocol]:
        """Who may go, of the first rank that there is; the slowest first."""
        ranks: dict[int, list[LimitedProtocol]] = {}
        for connection in self.connections:
            other = cast("LimitedProtocol", connection)
            if (rank := other.rank(now)) is not None:
                ranks.setdefault(rank, []).append(other)
        first = ranks[min(ranks)] if ranks else []
        return deque(sorted(first, key=lambda other: other.since))

    def rank(self, now: float) -> int | None:
        """Who goes first when others wait; None: it stays.

        0: without a whole head, which senders of real deliveries show at once, and a token with
        it; but one that has just come was not read yet. 1: idle. 2: a body that takes longer than
        a second.
        """
        if self.ended or self.transport.is_closing():
            return None
        if self.in_head:
            return 0 if self.since < now - _HEAD_SECONDS else None
        if self.cycle is not None and self.cycle.response_complete:
            return 1
        is_dragging = self.deadline < math.inf and self.since < now - _SLOW_SECONDS
        return 2 if is_dragging else None

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
        if self.leaving:
            self.cycle.keep_alive = False

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

    def shutdown(self) -> None:
        """As uvicorn's, but a connection that waits for no answer is listened to for a moment.

        A delivery may be on its way here, and who sent it may not come again.
        """
        if self._is_idle():
            self.leaving = True
            self.loop.call_later(_LEAVING_SECONDS, self._leave)
        else:
            super().shutdown()

    def _leave(self) -> None:
        if self._is_idle():
            self.transport.close()

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
        if self._is_idle() or not self.cycle.response_started:
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
