"""The hot path: POST /webhooks/occupop/{token} as a plain ASGI callable.

It stands before the FastAPI stack, which would halve the rate. 200 = on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic, time
from typing import Any

import structlog
import uuid_utils

from contract import envelope
from contract.envelope import Event, NotUnderstood
from contract.landing import partition
from contract.settings import Settings
from receiver import answers
from receiver.answers import Answer, Receive, Refused, Send
from receiver.auth import Door, Headers
from receiver.commit import GroupCommit
from receiver.journal import NoSpace, Poisoned
from receiver.metrics import Counts
from receiver.quarantine import Quarantine, QuarantineFull
from receiver.replay import Replays
from receiver.stamp import Clock

PATH = "/webhooks/occupop"
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 8 << 20
_LINGER_MOST = 16
log = structlog.get_logger("receiver.hook")


class SenderLeft(Exception):
    """The sender closed the connection before the body was whole: there is no one to answer."""


class Hook:
    """Takes deliveries for one worker."""

    def __init__(
        self,
        settings: Settings,
        door: Door,
        commit: GroupCommit,
        quarantine: Quarantine,
        counts: Counts,
    ) -> None:
        self._settings, self._door, self._commit = settings, door, commit
        self._quarantine, self._counts = quarantine, counts
        self._clock = Clock()
        self._replays = Replays(counts)
        self._held = 0
        self._lingering = 0

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        body = _Body(receive, self)
        try:
            answer = await self._answer(scope, body)
        except SenderLeft:
            self._counts.unanswered += 1
            return
        except Refused as refused:
            await self._refuse(refused.reason, body, send)
            return
        except Exception as error:
            # The text of an error may carry a value: its class is all that is told.
            log.error("internal", error=type(error).__name__)  # noqa: TRY400  a trace tells values
            await self._refuse("internal", body, send)
            return
        finally:
            self._held -= body.size
        await send(answer.start)
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Mapping[str, Any], body: _Body) -> Answer:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        label = self._let_in(scope, headers)
        if scope["method"] != "POST":
            if scope["method"] in ("GET", "HEAD"):
                self._counts.pings += 1
                return answers.PING
            raise Refused("method")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refused("encoding")
        data = await body.read(headers, self._settings.max_body_bytes)
        if self._door.needs_signature and not self._door.signed(headers, data):
            raise Refused("signature")
        self._counts.used[label] = time()
        try:
            event = envelope.understand(data)
        except NotUnderstood as error:
            return await self._set_aside(data, error.reason, headers, label)
        if not self._door.knows_replays:
            return await self._land(data, event, headers)
        return await self._replays.once(headers, lambda: self._land(data, event, headers))

    def _let_in(self, scope: Mapping[str, Any], headers: Headers) -> str:
        client = scope.get("client")
        if not self._door.lets_in(client[0] if client else None, headers):
            raise Refused("address")
        label = self._door.label(scope["path"][len(PATH) :].strip("/"), headers)
        if label is None:
            raise Refused("wrong_token")
        return label

    async def _land(self, data: bytes, event: Event, headers: Headers) -> Answer:
        event_id = str(uuid_utils.uuid7())
        webhook_id = headers.get(b"webhook-id")
        line = envelope.line(
            data,
            event,
            event_id=event_id,
            landed_at=self._clock.now(),
            webhook_id=webhook_id.decode("latin-1")[:200] if webhook_id else None,
        )
        try:
            await self._commit.append(line)
        except NoSpace as error:
            raise Refused("no_space") from error
        except Poisoned as error:
            raise Refused("poisoned") from error
        self._counts.landed[partition(event.event_name)] += 1
        self._counts.last_event = time()
        return answers.landed(event_id)

    async def _set_aside(self, data: bytes, reason: str, headers: Headers, label: str) -> Answer:
        if _is_ping(data):
            self._counts.pings += 1
            return answers.PING
        place = str(uuid_utils.uuid7())
        try:
            await asyncio.to_thread(
                self._quarantine.put,
                data,
                reason,
                id=place,
                received_at=self._clock.now(),
                headers=headers.items(),
                token=label,
            )
        except QuarantineFull as error:
            raise Refused("quarantine_full") from error
        except OSError as error:
            log.error("quarantine_failed", error=type(error).__name__)  # noqa: TRY400  a trace tells values
            raise Refused("no_space") from error
        self._counts.quarantined[reason] += 1
        log.warning("quarantined", id=place, reason=reason, bytes=len(data))
        return answers.quarantined(place, reason)

    async def _refuse(self, reason: str, body: _Body, send: Send) -> None:
        self._counts.refused[reason] += 1
        answer = answers.refusal(reason)
        if answer.status in (413, 415):
            log.warning("refused", reason=reason)  # authenticated: this event is lost
        await send(answer.start)
        if answer.status != 404 and self._lingering < _LINGER_MOST:
            await send({"type": "http.response.body", "body": answer.body, "more_body": True})
            self._lingering += 1
            try:
                await body.drain()
            finally:
                self._lingering -= 1
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": answer.body})

    def hold(self, size: int) -> None:
        """Count bytes as held until the answer. Raises Refused when they are too many."""
        self._held += size
        if self._held > self._settings.max_inflight_bytes:
            raise Refused("overloaded")


class _Body:
    """The body of one request, counted while it comes: nothing is kept beyond the cap."""

    def __init__(self, receive: Receive, hook: Hook) -> None:
        self._receive, self._hook = receive, hook
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
            self._hook.hold(len(chunk))
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


def _is_ping(data: bytes) -> bool:
    """The body with which Recruitee and others try a URL: {"test":true}."""
    try:
        payload = envelope.parse(data)
    except NotUnderstood:
        return False
    return len(payload) == 1 and payload.get("test") is True
