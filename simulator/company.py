"""A seeded hiring year: the same seed gives the same company, event for event."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from simulator import people
from simulator.candidates import Candidate, make_candidate
from simulator.jobs import Job, make_catalogue, make_job
from simulator.journey import State
from simulator.payload import Data, Shape, candidate_data, job_data

if TYPE_CHECKING:
    from simulator.truth import Truth

YEAR = timedelta(days=365)
BEFORE = timedelta(days=60)  # jobs and candidates from before the hook was connected
PER_JOB = 50  # candidates
SAME_PERSON = 0.02  # of candidates: an earlier person under a new uuid


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery's content. resource_type: as in `meta`."""

    name: str
    resource_type: str
    data: Data

    @property
    def payload(self) -> Data:
        return {
            "meta": {"resource_type": self.resource_type, "event_name": self.name},
            "data": self.data,
        }


@dataclass(frozen=True)
class Company:
    """A hiring year that ends at `end`; the hook was connected at `connected_at`."""

    seed: int
    end: datetime
    jobs: tuple[Job, ...]
    candidates: tuple[Candidate, ...]

    @cached_property
    def truth(self) -> Truth:
        """What the warehouse must say of this company, by the shipped maps of words."""
        from simulator.truth import make_truth  # it is computed from this module's companies

        return make_truth(self)

    @property
    def connected_at(self) -> datetime:
        return self.end - YEAR

    def sent_versions(self, job: Job) -> list[tuple[datetime, str]]:
        """(time, event name) of the job's versions that are sent, in order of `job.versions`."""
        names = ["JobResource_created"] + ["JobResource_updated"] * (len(job.versions) - 1)
        both = zip(job.versions, names, strict=True)
        return [(v.at, name) for v, name in both if v.at >= self.connected_at]

    def job_events(self, job: Job, shape: Shape) -> list[tuple[datetime, Event]]:
        """The job's events in order. None: the job is never seen."""
        sent = self.sent_versions(job)
        versions = job.versions[len(job.versions) - len(sent) :]
        return [
            (at, Event(name, "JobResource", job_data(job, version, shape)))
            for (at, name), version in zip(sent, versions, strict=True)
        ]

    def sent_states(self, candidate: Candidate) -> tuple[State, ...]:
        """The candidate's states that are sent: from the connection to the end of the year.

        A candidate who is met on the way is met in a step whose place in the flow is known.
        """
        states = [s for s in candidate.states if self.connected_at <= s.at <= self.end]
        while states and states[0] is not candidate.states[0] and not _has_a_place(states[0]):
            states.pop(0)
        return tuple(states)

    @staticmethod
    def candidate_event(candidate: Candidate, state: State, shape: Shape) -> Event:
        name = f"CandidateResource_{state.kind}"
        return Event(name, "CandidateResource", candidate_data(candidate, state, shape))

    def other_events(self) -> Iterator[Event]:
        """Kinds that are not documented, one with `/` in its name, and a contradiction."""
        number = len(self.candidates)
        data = {"uuid": people.make_uuid(_random(self.seed)), "note": f"Invented, {number}"}
        yield Event("CandidateResource_deleted", "CandidateResource", data)
        yield Event("InterviewResource_created", "InterviewResource", data)
        yield Event("../Reports/weekly", "ReportResource", data)
        yield Event("CandidateResource_updated", "JobResource", data)


def _random(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  invented data, repeatable by its seed


def _has_a_place(state: State) -> bool:
    steps = {step.name: step.ordered for step in state.job.flow.steps}
    return state.step is not None and steps.get(state.step, True)


def make_company(*, candidates: int, seed: int, end: datetime) -> Company:
    """A company with about that many candidates (and one job per fifty, at least eight).

    `end` must have a time zone. Raises ValueError.
    """
    if end.tzinfo is None:
        raise ValueError("end needs a time zone")
    if candidates < 1:
        raise ValueError("candidates must be 1 or more")
    rng = _random(seed)
    end = end.replace(microsecond=0)
    jobs = _make_jobs(rng, max(8, candidates // PER_JOB), end)
    return Company(seed, end, jobs, _make_candidates(rng, candidates, jobs, end))


def _make_jobs(rng: random.Random, count: int, end: datetime) -> tuple[Job, ...]:
    catalogue = make_catalogue(rng)
    seconds = int((YEAR + BEFORE).total_seconds())
    opens = sorted(end - timedelta(seconds=rng.randrange(1, seconds)) for _ in range(count))
    return tuple(make_job(rng, catalogue, at, end) for at in opens)


def _make_candidates(
    rng: random.Random, count: int, jobs: tuple[Job, ...], end: datetime
) -> tuple[Candidate, ...]:
    """Jobs attract unequally, and most apply soon after a job opens."""
    made: list[Candidate] = []
    appeal = [rng.lognormvariate(0, 0.7) for _ in jobs]
    opens = [job.versions[0].at for job in jobs]
    for number, job in enumerate(rng.choices(jobs, appeal, k=count)):
        person = people.make_person(rng, number)
        if made and rng.random() < SAME_PERSON:
            person = people.again(rng.choice(made).person)
        span = (min(job.closes_at, end) - job.versions[0].at).total_seconds()
        applied = job.versions[0].at + timedelta(seconds=int(span * rng.betavariate(1, 2)))
        # Transfers go to jobs that opened within the last weeks.
        here = bisect_right(opens, applied)
        others = [other for other in jobs[max(0, here - 6) : here] if other is not job]
        made.append(make_candidate(rng, person, job, others, applied))
    return tuple(made)
