"""The webhook route as a plain ASGI callable, before the FastAPI stack.

A delivery that comes whole within one read takes the lane (receiver/lane.py) instead. Both
hand it to the same `Intake`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from receiver import answers
from receiver.answers import Answer, Receive, Refused, Send
from receiver.body import Body, SenderLeft
from receiver.intake import Intake

_LINGER_MOST = 16


class Hook:
    """Takes deliveries through ASGI."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._lingering = 0

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        body = Body(receive, self._intake.hold)
        try:
            answer = await self._answer(scope, body)
        except SenderLeft:
            self._intake.counts.unanswered += 1
            return
        except Refused as refused:
            answer = self._intake.refuse(refused.reason)
        except Exception as error:
            answer = self._intake.fail(error)
        finally:
            self._intake.free(body.size)
        await send(answer.start)
        if answer.closes and answer.status != 404 and self._lingering < _LINGER_MOST:
            await self._linger(answer, body, send)
        else:
            await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Mapping[str, Any], body: Body) -> Answer:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        client = scope.get("client")
        label = self._intake.admit(scope["path"], client[0] if client else None, headers)
        if scope["method"] in ("GET", "HEAD"):
            self._intake.counts.pings += 1
            return answers.PING
        if scope["method"] != "POST":
            raise Refused("method")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refused("encoding")
        whole = await body.read(headers, self._intake.settings.max_body_bytes)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def reply(answer: Answer) -> None:
            if not answered.done():  # cancelled: too late for the stop
                answered.set_result(answer)

        self._intake.accept(label, headers, whole, reply)
        return await answered

    async def _linger(self, answer: Answer, body: Body, send: Send) -> None:
        """Answer, and let the sender finish what it is sending."""
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        self._lingering += 1
        try:
            await body.drain()
        finally:
            self._lingering -= 1
        await send({"type": "http.response.body", "body": b""})
