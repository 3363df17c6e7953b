"""Of whom a body speaks: what erasure and its tombstones go by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from contract.events import EVENT_NAMES

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()]+@[^\s<>,;:\"'()]+")
_TIMES = ("updated_at", "received_at", "created_at")


def identities(
    event_name: str, payload: dict[str, Any]
) -> tuple[list[str], list[str], datetime | None]:
    """Candidate ids, addresses, and the time of the state that a body speaks of.

    In an event that is documented they have their places; in another they may stand anywhere.
    """
    data = payload.get("data")
    data = data if isinstance(data, dict) else {}
    time = next((t for name in _TIMES if (t := _time(data.get(name)))), None)
    if event_name in EVENT_NAMES:
        return _texts(data.get("uuid")), _texts(data.get("email")), time
    found = list(strings(payload))
    uuids = [uuid for text in found for uuid in _UUID.findall(text)]
    emails = [address for text in found for address in _ADDRESS.findall(text)]
    return uuids + _texts(data.get("uuid")), emails, time


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value; keys, too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def normalised(address: str) -> str:
    return address.strip().casefold()


def _texts(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, str | int) and value != "" else []


def _time(value: Any) -> datetime | None:
    """A time of the payload; one without a zone counts as UTC."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
