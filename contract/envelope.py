"""The landed line: an envelope of our own and the received bytes, one JSON object a line.

    {"v":1,"event_id":"…","landed_at":"2026-11-24T09:30:00.000001Z","event_name":"…",
     "resource_type":"…","resource_uuid":"…","body_sha256":"…","source":"webhook","body":{…}}

The body is never re-serialised: 2^64, duplicate keys and key order survive. A raw CR or LF,
which in valid JSON stands only between tokens, becomes a space, and `"nl":true` says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

VERSION = 1
MAX_DEPTH = 100
_BODY_KEY = b',"body":'


class NotUnderstood(ValueError):
    """The body cannot become a landed line. `reason` is one word, safe to log and to count."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = (
    "empty",
    "not_utf8",
    "not_json",
    "too_deep",
    "not_an_object",
    "no_meta",
    "no_event_name",
    "no_data",
)


class Event(NamedTuple):
    """What the envelope needs to know of a body."""

    event_name: str
    resource_type: str | None
    resource_uuid: str | None


def understand(body: bytes) -> Event:
    """Read the event out of a received body.

    Raises NotUnderstood when it is not a UTF-8 JSON object of depth ≤ 100 with
    `meta.event_name` (a non-empty string) and an object `data`.
    """
    payload = parse(body)
    meta, data = payload.get("meta"), payload.get("data")
    if not isinstance(meta, dict):
        raise NotUnderstood("no_meta")
    name, resource_type = meta.get("event_name"), meta.get("resource_type")
    if not isinstance(name, str) or not name:
        raise NotUnderstood("no_event_name")
    if not isinstance(data, dict):
        raise NotUnderstood("no_data")
    uuid = data.get("uuid")
    return Event(
        name,
        resource_type if isinstance(resource_type, str) else None,
        uuid if isinstance(uuid, str) else None,
    )


def parse(body: bytes) -> dict[str, Any]:
    """The body as a JSON object, strictly.

    Raises NotUnderstood.
    """
    if not body.strip():
        raise NotUnderstood("empty")
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotUnderstood(_why(body)) from error
    if not isinstance(payload, dict):
        raise NotUnderstood("not_an_object")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and depth(payload) > MAX_DEPTH:
        raise NotUnderstood("too_deep")
    return payload


def _why(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    return "too_deep" if text.count("{") + text.count("[") > 1000 else "not_json"


def depth(value: Any) -> int:
    """Levels of objects and lists: `{}` is 1."""
    level, layer = 0, [value]
    while layer := [v for v in layer if isinstance(v, dict | list)]:
        level += 1
        layer = [c for v in layer for c in (v.values() if isinstance(v, dict) else v)]
    return level


def line(
    body: bytes,
    event: Event,
    *,
    event_id: str,
    landed_at: datetime | str,
    source: str = "webhook",
    webhook_id: str | None = None,
    as_of: datetime | None = None,
    body_sha256: str | None = None,
) -> bytes:
    """The landed line of a body, with its final newline.

    landed_at: or what `timestamp` makes of it. body_sha256: when known already.
    """
    digest = body_sha256 or hashlib.sha256(body).hexdigest()
    stood = timestamp(as_of) if as_of else None
    time = landed_at if isinstance(landed_at, str) else timestamp(landed_at)
    return b"".join(parts(body, event, event_id, time, digest, source, webhook_id, stood))


def parts(
    body: bytes,
    event: Event,
    event_id: str,
    landed_at: str,
    body_sha256: str,
    source: str,
    webhook_id: str | None = None,
    as_of: str | None = None,
) -> tuple[bytes, bytes, bytes]:
    """What the landed line is joined of: who frames it needs no copy of its own."""
    head: dict[str, Any] = {
        "v": VERSION,
        "event_id": event_id,
        "landed_at": landed_at,
        "event_name": event.event_name,
        "resource_type": event.resource_type,
        "resource_uuid": event.resource_uuid,
        "body_sha256": body_sha256,
        "source": source,
    }
    if webhook_id is not None:
        head["webhook_id"] = webhook_id
    if as_of is not None:
        head["as_of"] = as_of
    if body.find(b"\n") >= 0 or body.find(b"\r") >= 0:  # `in` takes four times as long
        head["nl"] = True
        body = body.replace(b"\r", b" ").replace(b"\n", b" ")
    return _parts(head, body)


def join(head: Mapping[str, Any], body: bytes) -> bytes:
    """The landed line of an envelope and a body without newlines; the inverse of `split`."""
    return b"".join(_parts(head, body))


def _parts(head: Mapping[str, Any], body: bytes) -> tuple[bytes, bytes, bytes]:
    return orjson.dumps(head)[:-1] + _BODY_KEY, body, b"}\n"


def head(landed: bytes) -> dict[str, Any]:
    """The envelope of a whole landed line. Raises ValueError when it is not one."""
    start = landed.find(_BODY_KEY)
    envelope = orjson.loads(landed[:start] + b"}") if start > 0 else None
    if not isinstance(envelope, dict) or envelope.get("v") != VERSION:
        raise ValueError("not a landed line")
    return envelope


def split(landed: bytes) -> tuple[dict[str, Any], bytes]:
    """Envelope and body of a landed line; the inverse of `line` but for newlines.

    Raises ValueError when it is not a landed line.
    """
    start = landed.find(_BODY_KEY)
    stripped = landed.rstrip(b"\r\n")
    if start < 0 or not stripped.endswith(b"}"):
        raise ValueError("not a landed line")
    head = orjson.loads(landed[:start] + b"}")
    if not isinstance(head, dict) or head.get("v") != VERSION or "event_id" not in head:
        raise ValueError("not a landed line")
    return head, stripped[start + len(_BODY_KEY) : -1]


def timestamp(time: datetime) -> str:
    """A time as the landed line writes it: UTC, microseconds, `Z`."""
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    minute = _minute(utc.year, utc.month, utc.day, utc.hour, utc.minute)
    return f"{minute}:{utc.second:02}.{utc.microsecond:06}Z"


@lru_cache
def _minute(year: int, month: int, day: int, hour: int, minute: int) -> str:
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"
