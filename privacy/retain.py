"""`hiring retain`: who must go by now, by the policy of the settings, and their erasure.

A candidate goes when every application of theirs is past its time. A retained-out candidate is
erased by id alone: another application of the same person, under another id, has a time of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from contract.settings import Settings
from contract.sql import escaped
from privacy import waiting
from privacy.erasure import Erasure
from privacy.forget import Hands, forget, is_pending, reapply
from privacy.people import People

OCCUPOP_DAYS = 30  # Occupop deletes who did not opt in, so long after the job is closed or filled

_APPLICATIONS = """
with closed as (
    select job_uuid, min(valid_from) as closed_at
    from jobs_history as version
    where is_closed and valid_from > coalesce((
        select max(valid_from) from jobs_history as other
        where other.job_uuid = version.job_uuid and other.is_closed is not true), '-infinity')
    group by job_uuid
),
filled as (
    select job_uuid, min(hired_at) as filled_at from applications where outcome = 'hired'
    group by job_uuid
)
select candidate_uuid, outcome,
    coalesce(rejected_at, withdrawn_at) as rejected_at, hired_at,
    case when jobs.is_closed then closed_at end as closed_at, filled_at, company_label_uuid
from applications
left join jobs using (job_uuid)
left join closed using (job_uuid)
left join filled using (job_uuid)
order by candidate_uuid, job_uuid
"""


@dataclass(frozen=True)
class Due:
    """A candidate whose time is over: by which rule, since when it ran, and when it was over."""

    candidate_uuid: str
    rule: str
    since: datetime
    due_at: datetime


@dataclass(frozen=True)
class Retention:
    """due: who must go. erasure: None for a dry run, and when there is nobody."""

    due: tuple[Due, ...]
    erasure: Erasure | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "due": [asdict(due) for due in self.due],
            "erasure": self.erasure.as_dict() if self.erasure else None,
        }

    def lines(self) -> list[str]:
        """For a person: by rule how many, and who, or what became of them."""
        counts: dict[str, int] = {}
        for due in self.due:
            counts[due.rule] = counts.get(due.rule, 0) + 1
        listed = [f"  {d.candidate_uuid}  {d.rule}, due {d.due_at:%Y-%m-%d}" for d in self.due]
        rules = [f"  {rule:<24} {count:>8,}" for rule, count in sorted(counts.items())]
        erased = self.erasure.lines_of_text() if self.erasure else []
        return [f"{len(self.due):,} candidates are past their time", *rules, *(erased or listed)]


@dataclass(frozen=True)
class Policy:
    """Days after an event; None: kept. `labels`: days of a company label, for every rule."""

    rejected: int | None = None
    hired: int | None = None
    closed: int | None = None
    is_occupop: bool = False
    labels: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        return cls(
            settings.retain_rejected_days,
            settings.retain_hired_days,
            settings.retain_closed_days,
            settings.retain_preset == "occupop",
            settings.retain_labels,
        )

    @property
    def is_set(self) -> bool:
        days = (self.rejected, self.hired, self.closed)
        return self.is_occupop or bool(self.labels) or any(day is not None for day in days)

    def due(self, application: dict[str, Any]) -> Due | None:
        """When an application is past its time: by the rule that is over first."""
        own = dict(self.labels).get(application["company_label_uuid"])
        found = [
            Due(application["candidate_uuid"], rule, since, since + timedelta(days=days))
            for rule, since, days in self._rules(application, own)
            if since is not None and days is not None
        ]
        return min(found, key=lambda due: due.due_at, default=None)

    def _rules(
        self, application: dict[str, Any], own: int | None
    ) -> list[tuple[str, datetime | None, int | None]]:
        outcome = application["outcome"]
        if outcome == "hired":
            return [("hired", application["hired_at"], _first(own, self.hired))]
        rules = [("job closed", application["closed_at"], _first(own, self.closed))]
        if outcome in ("rejected", "withdrawn"):
            days = _first(own, self.rejected)
            rules.append((outcome, application["rejected_at"], days))
        if self.is_occupop and own is None:
            rules.append(("occupop: job closed", application["closed_at"], OCCUPOP_DAYS))
            rules.append(("occupop: job filled", application["filled_at"], OCCUPOP_DAYS))
        return rules


def _first(own: int | None, common: int | None) -> int | None:
    return common if own is None else own


def due(settings: Settings, now: datetime) -> list[Due]:
    """Candidates that are past their time at `now`, from the published tables."""
    policy = Policy.of(settings)
    if not policy.is_set or not settings.published.exists():
        return []
    last: dict[str, Due | None] = {}
    for application in _applications(settings):
        uuid, own = application["candidate_uuid"], policy.due(application)
        known = last.get(uuid, own)
        # One application without an end, and the candidate stays.
        last[uuid] = max(known, own, key=lambda d: d.due_at) if known and own else None
    return [found for found in last.values() if found and found.due_at <= now]


def _applications(settings: Settings) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        path = escaped(settings.published)
        connection.execute(f"attach '{path}' as hiring (read_only)")
        connection.execute("use hiring")
        rows = connection.execute(_APPLICATIONS)
        names = [column[0] for column in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def retain(
    settings: Settings,
    hands: Hands,
    *,
    now: datetime | None = None,
    dry_run: bool = False,
    wait: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Retention:
    """Erase everyone who is past their time by the tables as they are now; dry_run: only list them,
    by the last sync. Raises as `forget`.
    """
    moment = now or datetime.now(UTC)
    if dry_run or not Policy.of(settings).is_set:
        return Retention(tuple(due(settings, moment)))
    with waiting.lock_of_runs(settings, wait, progress):
        if is_pending(settings):
            reapply(settings, hands, progress=progress)
        else:
            hands.refresh()  # who was rejected may be open again
        found = tuple(due(settings, moment))
        if not found:
            return Retention(found)
        people = People.of((one.candidate_uuid for one in found), is_whole=False)
        return Retention(found, forget(settings, people, hands, progress=progress))
