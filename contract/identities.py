"""Of whom a body speaks: what erasure and its tombstones go by.

Of a key that stands twice the pipeline reads the first, other readers the last. Here every one
counts: a body goes when any of the ids or addresses in its place is of someone erased.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from contract.events import CANDIDATE_EVENTS, EVENT_NAMES

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()]+@[^\s<>,;:\"'()]+")
_TIMES = ("updated_at", "received_at", "created_at")
_ONCE = tuple(f'"{name}"'.encode() for name in ("data", "email", *_TIMES))
# A letter or an underscore of a key, escaped: the key is not found by its name.
_ESCAPED = (b"\\u006", b"\\u007", b"\\u005f", b"\\u005F")


class Identities(NamedTuple):
    """uuids: candidate ids, as sent. emails: addresses, as sent. time: of the state, if given."""

    uuids: list[str]
    emails: list[str]
    time: datetime | None


class Pairs(tuple[tuple[str, Any], ...]):
    """An object of JSON with all its members, also those of one name."""

    __slots__ = ()

    def every(self, name: str) -> list[Any]:
        return [value for key, value in self if key == name]


class Number(str):
    """A number of JSON, digit by digit."""

    __slots__ = ()


NOBODY = Identities([], [], None)


def identities(event_name: str, body: bytes) -> Identities:
    """Of whom a body speaks; one that can't be read speaks of nobody.

    In an event that is documented ids and addresses have their places; in another they may stand
    anywhere.
    """
    try:
        if event_name in CANDIDATE_EVENTS:
            payload = orjson.loads(body)
            if _is_plain(body, payload):
                data = payload["data"]
                uuids, emails = [data.get("uuid")], [data.get("email")]
                return Identities(_texts(uuids), _texts(emails), _time_of(data))
        return _every(event_name, members(body))
    except ValueError:
        return NOBODY


def members(body: bytes) -> Any:
    """The JSON value with objects as Pairs and numbers as Number. Raises ValueError."""
    return json.loads(body, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)


def _is_plain(body: bytes, payload: Any) -> bool:
    """Whether no key that counts stands twice, so that a dict says it all."""
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict) or isinstance(data.get("uuid"), float):
        return False
    known = ("uuid" in data) + sum("uuid" in v for v in data.values() if isinstance(v, dict))
    return (
        body.count(b'"uuid"') <= known
        and all(body.count(name) <= 1 for name in _ONCE)
        and not any(sign in body for sign in _ESCAPED)
    )


def _every(event_name: str, payload: Any) -> Identities:
    if not isinstance(payload, Pairs):
        return NOBODY
    found = [data for data in payload.every("data") if isinstance(data, Pairs)]
    uuids = _texts([uuid for data in found for uuid in data.every("uuid")])
    time = _time_of(dict(reversed(found[0]))) if found else None  # the first counts
    if event_name in EVENT_NAMES:
        return Identities(uuids, _texts([e for data in found for e in data.every("email")]), time)
    texts = list(strings(payload))
    anywhere = [uuid for text in texts for uuid in _UUID.findall(text)]
    emails = [address for text in texts for address in _ADDRESS.findall(text)]
    return Identities(anywhere + uuids, emails, time)


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value; keys, too."""
    if isinstance(value, str):
        if not isinstance(value, Number):
            yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


def normalised(address: str) -> str:
    return address.strip().casefold()


def _texts(values: list[Any]) -> list[str]:
    return [str(value) for value in values if isinstance(value, str | int) and value != ""]


def _time_of(data: dict[str, Any]) -> datetime | None:
    return next((time for name in _TIMES if (time := _time(data.get(name)))), None)


def _time(value: Any) -> datetime | None:
    """A time of the payload; one without a zone counts as UTC."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
