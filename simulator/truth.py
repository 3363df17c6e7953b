"""What the warehouse must say of a company's year, computed from the delivered payloads."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from contract import durable
from simulator.company import Company
from simulator.history import EPOCH, MICROSECOND, Application, Seen, Visit, application
from simulator.payload import Shape
from simulator.vocabulary import Vocabulary

PLAIN = Shape()


@dataclass(frozen=True)
class Truth:
    """totals: see `_totals`. stage_order: as the map gives it.

    reached: per such stage, applications that visited it or a later one, in jobs where it occurs.
    entered: applications per stage visited. median_time_to_hire: microseconds, of hired
    applications with hired_at >= applied_at.
    """

    seed: int
    end: str
    totals: dict[str, int]
    stage_order: dict[str, int]
    reached: dict[str, int]
    entered: dict[str, int]
    exit_kinds: dict[str, int]
    median_time_to_hire: float | None
    applications: list[Application]

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    def write(self, path: Path) -> None:
        durable.write(path, [self.to_json().encode()])

    @classmethod
    def read(cls, path: Path) -> Truth:
        """Inverse of `write`."""
        told = orjson.loads(path.read_bytes())
        applications = [_application(one) for one in told.pop("applications")]
        return cls(applications=applications, **told)


def _application(told: dict[str, Any]) -> Application:
    visits = [Visit(**visit) for visit in told.pop("visits")]
    return Application(visits=visits, **told)


def make_truth(company: Company, words: Vocabulary | None = None) -> Truth:
    """The truth of all that `company` sends, whatever the order of delivery.

    Raises FileNotFoundError when the maps of the warehouse are missing.
    """
    words = words or Vocabulary.read()
    counts: Counter[str] = Counter()
    persons: set[str] = set()
    order = {stage: place for stage, place in words.stages.values() if place is not None}
    applications = list(_applications(company, words, counts, persons))
    counts["persons"] = len(persons)
    _count_jobs(company, counts)
    return Truth(
        seed=company.seed,
        end=company.end.isoformat(),
        totals=_totals(applications, counts),
        stage_order=order,
        reached=_sorted(reached(applications, order)),
        entered=_sorted(Counter(s for a in applications for s in {v.stage for v in a.visits})),
        exit_kinds=_sorted(Counter(v.exit_kind for a in applications for v in a.visits)),
        median_time_to_hire=_median_time_to_hire(applications),
        applications=sorted(applications, key=lambda one: (one.candidate_uuid, one.job_uuid)),
    )


def _applications(
    company: Company, words: Vocabulary, counts: Counter[str], persons: set[str]
) -> Iterator[Application]:
    known_by = (company.end - EPOCH) // MICROSECOND
    for candidate in company.candidates:
        jobs: defaultdict[str, list[Seen]] = defaultdict(list)
        for state in company.sent_states(candidate):
            event = company.candidate_event(candidate, state, PLAIN)
            counts["candidate_states"] += 1
            job_uuid = event.data["job_uuid"]
            counts["without_uuid"] += event.data["uuid"] is None
            counts["without_job"] += job_uuid is None and event.data["uuid"] is not None
            if job_uuid and event.data["uuid"]:
                jobs[job_uuid].append(Seen.of(event.name, event.data, words, known_by))
                if event.data["email"]:
                    persons.add(event.data["email"].strip().lower())
        yield from _candidate_applications(candidate.uuid, jobs, words)


def _candidate_applications(
    uuid: str, jobs: dict[str, list[Seen]], words: Vocabulary
) -> Iterator[Application]:
    for states in jobs.values():
        states.sort(key=lambda state: state.effective_at)
    order = sorted(jobs, key=lambda job_uuid: jobs[job_uuid][0].effective_at)
    for place, job_uuid in enumerate(order):
        later = order[place + 1 :]
        yield application(
            (uuid, job_uuid),
            jobs[job_uuid],
            words,
            arrived_by_transfer=place > 0,
            transferred_at=jobs[later[0]][0].effective_at if later else None,
        )


def _count_jobs(company: Company, counts: Counter[str]) -> None:
    for job in company.jobs:
        sent = len(company.sent_versions(job))
        counts["job_states"] += sent
        counts["jobs"] += sent > 0
    counts["other_events"] = sum(1 for _ in company.other_events())


def _totals(applications: list[Application], counts: Counter[str]) -> dict[str, int]:
    totals = Counter(dict.fromkeys(OUTCOMES, 0))
    totals.update(one.outcome for one in applications)
    return _sorted(
        {
            **totals,
            **counts,
            "applications": len(applications),
            "left_truncated": sum(one.is_left_truncated for one in applications),
            "order_ambiguous": sum(one.order_ambiguous for one in applications),
            "visits": sum(len(one.visits) for one in applications),
        }
    )


OUTCOMES = ("open", "hired", "rejected", "withdrawn", "transferred", "unmapped")


def reached(applications: Iterable[Application], order: Mapping[str, int]) -> Counter[str]:
    """Per ordered stage: applications that visited it or a later one, in jobs where it occurs."""
    return _count_by_job(applications, order, lambda one: order.get(one.furthest_stage or "", 0))


def undecided(truth: Truth, ambiguous: Container[tuple[str, str]]) -> Counter[str]:
    """Per ordered stage: applications of which it cannot be told whether they reached it.

    They visited a step without an order, whose place the job's transitions do not decide either.
    ambiguous: such steps as (job_uuid, step_name).
    """
    order = truth.stage_order
    last = max(order.values(), default=0)

    def could_have(one: Application) -> int:
        steps = {(one.job_uuid, v.step_name) for v in one.visits if v.stage not in order}
        if any(step in ambiguous for step in steps):
            return last
        return order.get(one.furthest_stage or "", 0)

    return _count_by_job(truth.applications, order, could_have) - Counter(truth.reached)


def _count_by_job(
    applications: Iterable[Application],
    order: Mapping[str, int],
    depth: Callable[[Application], int],
) -> Counter[str]:
    by_job: defaultdict[str, list[Application]] = defaultdict(list)
    for one in applications:
        by_job[one.job_uuid].append(one)
    counts: Counter[str] = Counter()
    for members in by_job.values():
        stages = {visit.stage for one in members for visit in one.visits} & order.keys()
        for one in members:
            counts.update(stage for stage in stages if order[stage] <= depth(one))
    return counts


def _median_time_to_hire(applications: Iterable[Application]) -> float | None:
    took = sorted(
        one.hired_at - one.applied_at
        for one in applications
        if one.hired_at is not None and one.hired_at >= one.applied_at
    )
    return statistics.median(took) if took else None


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
