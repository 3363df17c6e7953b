"""Signs of deliveries that never came: whose first event is missing, for a backfill.

An application is listed when its creation was never received, although it was created after the
webhook was connected. A person created before that is a genuine late starter, and no loss.
Not to be seen: a candidate of whom nothing at all came, and a lost event between two others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from contract.settings import Settings
from operations.concerns import Concern
from operations.published import opened, rows

GRACE = timedelta(hours=1)  # events of just before the connection may still be on their way
_MISSED = """
select
    candidate_uuid,
    job_uuid,
    applied_at,
    first_seen_at
from applications
where is_left_truncated and applied_at >= $connected
order by all
"""
_QUALITY = """
select check_name, subject, n
from data_quality
where check_name in ('orphan application', 'job gone silent', 'jump over a step')
order by all
"""
_WHY = {
    "orphan application": "applications to a job that was never received",
    "job gone silent": "open applications in a job where nothing moved for 30 days",
    "jump over a step": "moves over a step: a move between may be missing",
}


@dataclass(frozen=True)
class Candidate:
    """An application whose creation is missing. Times are UTC."""

    candidate_uuid: str
    job_uuid: str
    applied_at: datetime
    first_seen_at: datetime


@dataclass(frozen=True)
class Job:
    """A job with a sign of missed deliveries. count: of what `why` says."""

    job_uuid: str
    why: str
    count: int


@dataclass(frozen=True)
class Missed:
    """What to ask for again. connected_at: when the first event landed."""

    connected_at: datetime | None
    candidates: tuple[Candidate, ...]
    jobs: tuple[Job, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person; ids only."""
        if not self.candidates and not self.jobs:
            return ["no sign of missed deliveries"]
        return [
            f"{len(self.candidates):,} candidates whose creation was never received",
            *(f"  {c.candidate_uuid}  first seen {c.first_seen_at:%F}" for c in self.candidates),
            f"{len(self.jobs):,} jobs with signs of missed deliveries",
            *(f"  {j.job_uuid}  {j.count:,} {j.why}" for j in self.jobs),
        ]

    def concerns(self) -> Iterator[Concern]:
        """Candidates alone: what is said of jobs has other reasons, too."""
        if self.candidates:
            yield Concern(
                "missed",
                f"the creation of {len(self.candidates):,} candidates was never received: export"
                " them at Occupop and land them with `hiring land`",
                len(self.candidates),
            )


def missed(settings: Settings) -> Missed:
    """Signs of missed deliveries in the published file. Raises NotReadable."""
    with opened(settings.published) as connection:
        (found,) = rows(connection, "select min(first_landed_at) as first from freshness")
        connected = found["first"]
        if connected is None:
            return Missed(None, (), ())
        candidates = rows(connection, _MISSED, {"connected": connected + GRACE})
        jobs = rows(connection, _QUALITY)
    return Missed(
        connected,
        tuple(Candidate(**row) for row in candidates),
        tuple(Job(row["subject"], _WHY[row["check_name"]], int(row["n"])) for row in jobs),
    )
