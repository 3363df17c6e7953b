"""Every answer of the webhook route: reason -> status in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Fields = tuple[tuple[bytes, bytes], ...]

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
    "stopping": 503,
    "internal": 503,
}
_PHRASES = {
    200: "OK",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_CLOSE = (b"connection", b"close")
_RETRY_AFTER = (b"retry-after", b"5")
_ALLOW = (b"allow", b"POST, GET, HEAD")


class Refused(Exception):
    """The request is not taken; `reason` is one of REFUSALS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer(NamedTuple):
    """An answer, as ASGI messages or as bytes."""

    status: int
    body: bytes
    more: Fields = ()

    @property
    def start(self) -> Message:
        """The ASGI message before the body."""
        fields = _fields(len(self.body), self.more)
        return {"type": "http.response.start", "status": self.status, "headers": fields}

    @property
    def raw(self) -> bytes:
        """The whole answer in HTTP/1.1."""
        return _head(self.status, len(self.body), self.more) + self.body

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it."""
        return _CLOSE in self.more

    def closing(self) -> Answer:
        """The same answer as the last one of its connection."""
        return self if self.closes else self._replace(more=(_CLOSE, *self.more))


def _fields(length: int, more: Fields) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", b"%d" % length), *more]


@lru_cache(maxsize=256)
def _head(status: int, length: int, more: Fields) -> bytes:
    lines = [b"HTTP/1.1 %d %b" % (status, _PHRASES[status].encode())]
    lines += [b"%b: %b" % field for field in _fields(length, more)]
    return b"\r\n".join([*lines, b"", b""])


@lru_cache
def refusal(reason: str) -> Answer:
    """The answer to a refused request. It never tells a wrong token from a wrong path."""
    status = REFUSALS[reason]
    more: Fields = (_CLOSE,)
    if status == 503:
        more = (*more, _RETRY_AFTER)
    if status == 405:
        more = (*more, _ALLOW)
    return Answer(status, orjson.dumps({"detail": _PHRASES[status]}), more)


def landed(event_id: str) -> Answer:
    return Answer(200, b'{"status":"landed","event_id":"' + event_id.encode() + b'"}')


def quarantined(id: str, reason: str) -> Answer:  # noqa: A002  the public name of the thing
    body = orjson.dumps({"status": "quarantined", "id": id, "reason": reason})
    return Answer(200, body)


PING = Answer(200, b'{"status":"ping"}')
