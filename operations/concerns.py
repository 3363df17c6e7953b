"""What needs attention, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.settings import Settings
from operations.words import bytes_text, duration

if TYPE_CHECKING:
    from operations.status import Status

_JOURNAL_GRACE = 60.0
_SHIPPING_GRACE = 300.0
_DAYS_LEFT = 7


@dataclass(frozen=True)
class Concern:
    """Something that someone has to look at.

    key: stays the same while it lasts. size: how much of it; an alert is repeated when it has
    doubled. text: for a person, ends with what to do, and holds no personal data.
    """

    key: str
    text: str
    size: float = 1


def concerns(status: Status, settings: Settings) -> Iterator[Concern]:
    """The concerns of a status, the gravest first."""
    yield from _losses(status)
    yield from _runs(status, settings)
    yield from _reception(status, settings)
    yield from _shipping(status)
    yield from _space(status, settings)
    yield from _data(status)


def _losses(s: Status) -> Iterator[Concern]:
    if s.unerased:
        yield Concern(
            "erasure",
            f"{s.unerased} erasures are not finished in this landing zone, and no run starts:"
            " hiring forget --reapply, then `hiring sync`",
            s.unerased,
        )
    if s.damaged:
        yield Concern(
            "damaged",
            f"{len(s.damaged)} segments are missing or damaged ({s.damaged[0]}, …):"
            " restore them from a backup, then `hiring sync --full-refresh`",
            len(s.damaged),
        )
    if s.ledger.unexplained and s.published:
        yield Concern(
            "ledger",
            f"the ledger does not balance: {s.ledger.unexplained:,} landed events are neither"
            " loaded nor waiting: `hiring sync --full-refresh` counts anew",
            abs(s.ledger.unexplained),
        )
    if s.reception.lost:
        yield Concern(
            "lost",
            f"{s.reception.lost:,} deliveries were refused for good (too big, or encoded) and are"
            " lost: raise HIRING_MAX_BODY_BYTES, and see the receiver's log",
            s.reception.lost,
        )


def _runs(s: Status, settings: Settings) -> Iterator[Concern]:
    failing = {
        name: job for name, job in s.worker.get("jobs", {}).items() if job.get("failures_in_a_row")
    }
    for name, job in failing.items():
        yield Concern(
            f"failing {name}",
            f"{name} has failed {job['failures_in_a_row']} times in a row"
            f" ({job.get('last_error', 'no reason noted')}): run `hiring {name}` by hand",
            job["failures_in_a_row"],
        )
    if s.run is None:
        if s.ledger.landed:
            yield Concern("no_sync", "nothing was ever loaded: run `hiring sync`")
        return
    late = (s.at - s.run.finished_at).total_seconds()
    if late > settings.sync_within:
        yield Concern(
            "sync_late",
            f"the last good sync was {duration(late)} ago: is `hiring worker` or the timer"
            " running? `hiring sync` runs it once",
            late,
        )
    elif s.lag > settings.sync_within:
        yield Concern(
            "lag", f"events have waited {duration(s.lag)} to be loaded: `hiring sync`", s.lag
        )
    if s.published is None:
        yield Concern(
            "published",
            f"{settings.published.name} cannot be read ({s.unpublished}):"
            " `hiring sync` publishes it again",
        )


def _shipping(s: Status) -> Iterator[Concern]:
    outbox = s.shipping
    if outbox and outbox.age > _SHIPPING_GRACE:
        kinds = ", ".join(sorted(outbox.note.failures)) if outbox.note.failing_since else ""
        yield Concern(
            "shipping",
            f"{outbox.batches:,} batches have waited {duration(outbox.age)} for the object store"
            + (f" ({kinds})" if kinds else "")
            + ": they are safe here; `hiring doctor` says why, `hiring ship` ships them",
            outbox.age,
        )


def _reception(s: Status, settings: Settings) -> Iterator[Concern]:
    grace = settings.seal_seconds + _JOURNAL_GRACE
    left = [name for name, _, age in s.journals if age > grace]
    if left:
        yield Concern(
            "journal",
            f"journal {left[0]} was left behind with events in it: no receiver runs."
            " `hiring serve` seals it when it starts",
            len(left),
        )
    if s.quarantined:
        yield Concern(
            "quarantine",
            f"{s.quarantined:,} deliveries in quarantine: `hiring quarantine list`",
            s.quarantined,
        )


def _space(s: Status, settings: Settings) -> Iterator[Concern]:
    free = s.disk.free
    if free < settings.free_bytes:
        yield Concern(
            "disk",
            f"only {bytes_text(free)} of disk are free: make room, or move HIRING_HOME",
            settings.free_bytes / max(free, 1),
        )
    elif s.disk.days_left is not None and s.disk.days_left < _DAYS_LEFT:
        yield Concern(
            "disk",
            f"at {bytes_text(s.disk.growth)} a day the disk is full in {s.disk.days_left:.0f} days:"
            " make room, or move HIRING_HOME",
        )


def _data(s: Status) -> Iterator[Concern]:
    """Findings that someone can mend. Unknown fields are kept and need nothing."""
    for check, what in (
        ("contract drift: not_converted", "values could not be converted and are null"),
        ("contract drift: wrong_shape", "fields came in a shape that is not known"),
        ("unmapped status", "statuses have no outcome: add them to config/status_outcomes.csv"),
        ("unmapped step", "steps have no stage: add them to config/stage_map.csv"),
    ):
        found = [one for one in s.drift if one.check == check]
        if found:
            yield Concern(
                check,
                f"{what}; {len(found)} subjects, {sum(f.count for f in found):,} rows:"
                f" `hiring query \"select * from data_quality where check_name = '{check}'\"`",
                len(found),
            )
