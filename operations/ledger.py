"""The ledger: every delivery is accounted for, from the attempt to the published state."""

from __future__ import annotations

from dataclasses import dataclass

from operations.notes import Reception
from operations.published import Published
from operations.tally import Tally
from operations.waiting import Waiting


@dataclass(frozen=True)
class Ledger:
    """Counts of deliveries. attempts = answered + refused + unanswered;
    landed = loaded + set_aside + tombstoned + waiting; loaded = states + repeats.

    The first line is the receiver's, from its start on; the other two are of the landing zone
    and the published file. set_aside: lines of segments that were damaged when they were loaded.
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


def ledger(
    counted: Tally, published: Published | None, reception: Reception, waiting: Waiting
) -> Ledger:
    """The ledger as files tell it."""
    count = published.count if published else (lambda _: 0)
    return Ledger(
        answered=reception.answered,
        refused=sum(reception.refused.values()),
        unanswered=reception.unanswered,
        landed=counted.rows,
        loaded=count("events_loaded"),
        set_aside=published.set_aside if published else 0,
        tombstoned=count("tombstoned"),
        waiting=waiting.events,
        states=count("candidate_states") + count("job_states") + count("other_events"),
        repeats=count("repeats"),
    )
