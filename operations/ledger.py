"""The ledger: every delivery is accounted for, from the attempt to the published state."""

from __future__ import annotations

from dataclasses import dataclass

from operations.notes import Reception, Run
from operations.published import Published
from operations.zone import Waiting, Zone


@dataclass(frozen=True)
class Ledger:
    """Counts of deliveries. attempts = answered + refused + unanswered;
    landed = loaded + set_aside + tombstoned + waiting; loaded = states + repeats.

    The first line is the receiver's, from its start on; the other two are of the landing zone
    and the published file. set_aside: lines of damaged segments.
    """

    answered: int
    refused: int
    unanswered: int
    landed: int
    loaded: int
    set_aside: int
    tombstoned: int
    waiting: int
    states: int
    repeats: int

    @property
    def attempts(self) -> int:
        return self.answered + self.refused + self.unanswered

    @property
    def unexplained(self) -> int:
        """Landed events that are neither loaded, set aside, erased nor waiting: 0 when exact."""
        return self.landed - self.loaded - self.set_aside - self.tombstoned - self.waiting

    def as_dict(self) -> dict[str, int]:
        return {"attempts": self.attempts, **vars(self), "unexplained": self.unexplained}


def waiting(zone: Zone, published: Published | None, run: Run | None) -> Waiting:
    """What is sealed and not loaded.

    By the watermark that the last run noted; without one, or while a run stands between its
    publishing and its note, by the number of events that the published file does not count.
    """
    if run and run.is_settled and run.watermark is not None and published:
        return zone.beyond(run.watermark)
    if published is None:
        return zone.newest(zone.rows)
    done = published.count("events_loaded") + published.count("tombstoned")
    return zone.newest(zone.rows - zone.damaged_rows - done)


def ledger(
    zone: Zone, published: Published | None, reception: Reception, waiting: Waiting
) -> Ledger:
    """The ledger as files tell it."""
    count = published.count if published else (lambda _: 0)
    return Ledger(
        answered=reception.answered,
        refused=sum(reception.refused.values()),
        unanswered=reception.unanswered,
        landed=zone.rows,
        loaded=count("events_loaded"),
        set_aside=zone.damaged_rows,
        tombstoned=count("tombstoned"),
        waiting=waiting.events,
        states=count("candidate_states") + count("job_states") + count("other_events"),
        repeats=count("repeats"),
    )
