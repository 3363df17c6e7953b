"""`hiring status` for a person: one fact a line, and last what needs attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.outbox import Outbox
from operations.words import ago, bytes_text, duration, time_text

if TYPE_CHECKING:
    from operations.status import Status


def lines(s: Status) -> list[str]:
    body = [f"{name:<18} {text}" for name, text in [*_reception(s), *_loading(s), *_ledger(s)]]
    if not s.concerns:
        return [*body, "", "nothing needs attention"]
    return [*body, "", "needs attention:", *(f"  ! {text}" for text in s.attention)]


def _reception(s: Status) -> list[tuple[str, str]]:
    tokens = ", ".join(f"{name} {ago(s.at, at)}" for name, at in s.reception.tokens.items())
    return [
        ("last event", time_text(s.at, s.last_event_at)),
        ("tokens last used", tokens or "never"),
        *([("not shipped yet", _shipping_text(s.shipping))] if s.shipping else []),
        ("not loaded yet", _waiting_text(s)),
    ]


def _loading(s: Status) -> list[tuple[str, str]]:
    growth = f", {bytes_text(s.disk.growth)} a day landed" if s.disk.growth else ""
    used, free = sum(s.disk.used.values()), s.disk.free
    return [
        ("last good sync", _sync_text(s)),
        ("published", _published_text(s)),
        ("quarantine", f"{s.quarantined:,} bodies"),
        ("drift", f"{len(s.drift)} findings" + _drift_text(s)),
        ("damaged", f"{len(s.damaged)} segments"),
        ("disk", f"{bytes_text(used)} used, {bytes_text(free)} free{growth}"),
    ]


def _ledger(s: Status) -> list[tuple[str, str]]:
    ledger = s.ledger
    odd = f" + {ledger.unexplained:,} UNEXPLAINED" if ledger.unexplained else ""
    return [
        (
            "received",
            f"{ledger.attempts:,} attempts = {ledger.answered:,} answered"
            f" + {ledger.refused:,} refused + {ledger.unanswered:,} unanswered",
        ),
        (
            "landed",
            f"{ledger.landed:,} = {ledger.loaded:,} loaded + {ledger.set_aside:,} set aside"
            f" + {ledger.tombstoned:,} erased + {ledger.waiting:,} waiting{odd}",
        ),
        ("loaded", f"{ledger.loaded:,} = {ledger.states:,} states + {ledger.repeats:,} repeats"),
        ("versions", ", ".join(f"{name} {number}" for name, number in s.versions.items())),
    ]


def _shipping_text(outbox: Outbox) -> str:
    age = f", oldest {duration(outbox.age)} ago" if outbox.batches else ""
    failed = sum(outbox.note.failures.values())
    failures = f"; {failed:,} passes failed" if failed else ""
    now = "; the store fails now" if outbox.note.failing_since else ""
    size = bytes_text(outbox.bytes)
    return f"{outbox.batches:,} batches, {size}{age}{failures}{now}"


def _waiting_text(s: Status) -> str:
    in_journals = sum(size for _, size, _ in s.journals)
    journals = f"; {bytes_text(in_journals)} in open journals" if in_journals else ""
    age = f", oldest {ago(s.at, s.waiting.oldest_at)}" if s.waiting.oldest_at else ""
    return f"{s.waiting.events:,} events in {s.waiting.segments:,} batches{age}{journals}"


def _sync_text(s: Status) -> str:
    if s.run is None:
        return "never"
    steps = ", ".join(f"{name} {took:.1f} s" for name, took in s.run.seconds.items())
    return f"{time_text(s.at, s.run.finished_at)}; {s.run.events:,} events; {steps}"


def _published_text(s: Status) -> str:
    if s.published is None:
        return f"nothing readable: {s.unpublished}"
    rows = sum(s.run.rows.values()) if s.run else 0
    lag = f"; {s.last_lag:.1f} s after its last event" if s.last_lag is not None else ""
    return f"as of {time_text(s.at, s.published.as_of)}; {rows:,} rows{lag}"


def _drift_text(s: Status) -> str:
    names = sorted({one.check for one in s.drift})
    return f" ({', '.join(names)})" if names else ""
