"""Every answer of the webhook route: reason -> status in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# 413 and 415 are the only 4xx for an authenticated POST that arrived in time. Our own faults
# are 503: after a 4xx some senders give the delivery up, or the whole webhook.
REFUSALS = {
    "wrong_token": 404,
    "address": 404,
    "signature": 404,
    "method": 405,
    "too_slow": 408,
    "too_big": 413,
    "encoding": 415,
    "headers": 431,
    "overloaded": 503,
    "connections": 503,
    "no_space": 503,
    "poisoned": 503,
    "quarantine_full": 503,
    "internal": 503,
}
_DETAIL = {
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_RETRY_AFTER = b"5"


class Refused(Exception):
    """The request is not taken; `reason` is one of REFUSALS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def start(self) -> Message:
        return {
            "type": "http.response.start",
            "status": self.status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(self.body)),
                *self.headers,
            ],
        }


def refusal(reason: str) -> Answer:
    """The answer to a refused request. It never tells a wrong token from a wrong path."""
    status = REFUSALS[reason]
    headers = [(b"connection", b"close")]
    if status == 503:
        headers.append((b"retry-after", _RETRY_AFTER))
    if status == 405:
        headers.append((b"allow", b"POST, GET, HEAD"))
    return Answer(status, orjson.dumps({"detail": _DETAIL[status]}), headers)


def landed(event_id: str) -> Answer:
    return Answer(200, b'{"status":"landed","event_id":"%b"}' % event_id.encode())


def quarantined(id: str, reason: str) -> Answer:  # noqa: A002  the public name of the thing
    body = orjson.dumps({"status": "quarantined", "id": id, "reason": reason})
    return Answer(200, body)


PING = Answer(200, b'{"status":"ping"}')


def raw(reason: str) -> bytes:
    """The same refusal as bytes, for when there is no request to answer through ASGI."""
    answer = refusal(reason)
    lines = [b"HTTP/1.1 %d %b" % (answer.status, _DETAIL[answer.status].encode())]
    lines += [b"%b: %b" % header for header in answer.start["headers"]]
    return b"\r\n".join([*lines, b"", answer.body])
