"""Quarantined bodies once more: those that are understood by now are landed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from contract import envelope
from contract.envelope import NotUnderstood
from contract.settings import Settings
from receiver.batch import Batch
from receiver.identity import derived
from receiver.places import Key, key
from receiver.quarantine import Item, NotInQuarantine, Quarantine


@dataclass(frozen=True)
class Retried:
    """How many bodies were landed (and left the quarantine), and how many stay."""

    landed: int
    kept: int


def retry(settings: Settings, ids: Sequence[str] | None = None) -> Retried:
    """Try the given bodies, or all, again.

    A landed body keeps the time at which it came, and its event id is a function of its
    quarantine id: killed and repeated, it counts nothing twice.
    Raises NotInQuarantine, SlotBusy, NoSpace, Poisoned, OSError.
    """
    quarantine = Quarantine(settings)
    wanted = list(ids) if ids is not None else [item.id for item in quarantine.list()]
    landed = []
    with Batch(settings) as batch:
        for id in wanted:  # noqa: A001  the public name of the thing
            with suppress(NotUnderstood):
                batch.add(*_line(*quarantine.show(id)))
                landed.append(id)
    # Only now are they in the manifest.
    for id in landed:  # noqa: A001
        with suppress(NotInQuarantine):
            quarantine.remove(id)
    return Retried(len(landed), len(wanted) - len(landed))


def _line(item: Item, body: bytes) -> tuple[bytes, Key]:
    event = envelope.understand(body)
    line = envelope.line(
        body,
        event,
        event_id=derived("retry", item.id),
        landed_at=_time(item.received_at),
        source=item.source,
        webhook_id=item.headers.get("webhook-id"),
        as_of=_time(item.as_of) if item.as_of else None,
    )
    return line, key(event.event_name, item.received_at)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
