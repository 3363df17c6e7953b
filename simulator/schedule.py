"""The order and the shape in which a company's events are sent.

Candidates' states come late, out of order and more than once. A job's states carry no time,
so they keep their order; only a state that was just replaced may be sent again.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from simulator.bodies import COMPACT, CRLF, LF, PING, not_understood, write
from simulator.candidates import Candidate
from simulator.company import Company, Event
from simulator.jobs import Job
from simulator.journey import State
from simulator.payload import SHAPES

CANDIDATE, JOB, OTHER, BAD, PINGED, WRONG_TOKEN = (
    "candidate",
    "job",
    "other",
    "bad",
    "ping",
    "wrong_token",
)
REPEATED = 0.05  # of candidate states: the same delivery again
TOLD_TWICE = 0.015  # as `_updated` and as `_status_updated`
PRETTY = 0.01  # laid out over many lines
JOB_REPEATED = 0.08  # of job states
JOB_STALE = 0.03  # the state before is sent again just after
WRONG_TOKENS = 3
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A body to post. chain: deliveries of one chain keep their order.

    is_stale: an earlier state again, which must arrive soon or not at all.
    """

    kind: str
    body: bytes
    chain: str | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is sent at `at` (seconds since 1970, simulated); written when its turn comes."""

    at: float
    kind: str
    subject: Candidate | Job | bytes | Event
    number: int = 0  # of the state
    name: str | None = None  # of the event, when told under another name
    shape: int = 0
    layout: str = COMPACT
    is_stale: bool = False


class Schedule:
    """All deliveries, in the order in which they are sent; the same for the same seed."""

    def __init__(self, company: Company, seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311  invented data, repeatable by its seed
        self.company = company
        self.planned = [*_candidates(company, rng), *_jobs(company, rng), *_oddities(company, rng)]
        self.planned.sort(key=lambda one: one.at)

    def __len__(self) -> int:
        return len(self.planned)

    def __iter__(self) -> Iterator[Delivery]:
        """Bodies are written one by one, when their turn comes."""
        return (_delivery(self.company, one) for one in self.planned)


def _delivery(company: Company, one: _Planned) -> Delivery:
    subject, shape = one.subject, SHAPES[one.shape]
    if isinstance(subject, bytes):
        return Delivery(one.kind, subject)
    if isinstance(subject, Event):
        return Delivery(one.kind, write(subject, one.layout))
    if isinstance(subject, Job):
        _, event = company.job_events(subject, shape)[one.number]
        return Delivery(one.kind, write(event, one.layout), subject.uuid, one.is_stale)
    state = company.sent_states(subject)[one.number]
    event = company.candidate_event(subject, state, shape)
    if one.name is not None:
        event = Event(one.name, event.resource_type, event.data)
    return Delivery(one.kind, write(event, one.layout))


def _candidates(company: Company, rng: random.Random) -> Iterator[_Planned]:
    for candidate in company.candidates:
        for number, state in enumerate(company.sent_states(candidate)):
            first = _Planned(
                state.at.timestamp() + _delay(rng),
                CANDIDATE,
                candidate,
                number,
                shape=rng.randrange(len(SHAPES)),
                layout=rng.choice((LF, CRLF)) if rng.random() < PRETTY else COMPACT,
            )
            yield first
            if rng.random() < REPEATED:
                again = first.at + _delay(rng)
                yield _Planned(again, CANDIDATE, candidate, number, shape=first.shape)
            if rng.random() < TOLD_TWICE:
                yield _told_twice(rng, first, state)


def _told_twice(rng: random.Random, first: _Planned, state: State) -> _Planned:
    """The same state under the other name, in another shape."""
    other = "status_updated" if state.kind == "updated" else "updated"
    return _Planned(
        first.at + rng.uniform(-HOUR, HOUR),
        CANDIDATE,
        first.subject,
        first.number,
        f"CandidateResource_{other}",
        (first.shape + rng.randint(1, len(SHAPES) - 1)) % len(SHAPES),
    )


def _delay(rng: random.Random) -> float:
    """Seconds: mostly minutes, sometimes days, seldom months."""
    kind = rng.random()
    if kind < 0.85:
        return rng.expovariate(1 / 600)
    return rng.uniform(0, 48 * HOUR) if kind < 0.97 else rng.uniform(0, 1500 * HOUR)


def _jobs(company: Company, rng: random.Random) -> Iterator[_Planned]:
    for job in company.jobs:
        times = [at.timestamp() for at, _ in company.sent_versions(job)]
        ends = [*times, company.end.timestamp()][1:]
        for number, (at, end) in enumerate(zip(times, ends, strict=True)):
            shape = rng.randrange(len(SHAPES))
            yield _Planned(at, JOB, job, number, shape=shape)
            chance = rng.random()
            if chance < JOB_REPEATED:
                again = rng.uniform(at, end)
                yield _Planned(again, JOB, job, number, shape=rng.randrange(len(SHAPES)))
            elif chance < JOB_REPEATED + JOB_STALE and number:
                stale = min(at + 1, end)
                yield _Planned(stale, JOB, job, number - 1, shape=shape, is_stale=True)


def _oddities(company: Company, rng: random.Random) -> Iterator[_Planned]:
    """A ping first; then, anywhere in the year, other kinds, bad bodies and wrong tokens."""

    def any_time() -> float:
        moment: datetime = company.connected_at + rng.random() * (
            company.end - company.connected_at
        )
        return moment.timestamp()

    yield _Planned(0, PINGED, PING)
    for event in company.other_events():
        yield _Planned(any_time(), OTHER, event)
    for body in not_understood():
        yield _Planned(any_time(), BAD, body)
    for _ in range(WRONG_TOKENS):
        yield _Planned(any_time(), WRONG_TOKEN, PING)


def landable(deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """Those that become landed lines."""
    return (one for one in deliveries if one.kind in (CANDIDATE, JOB, OTHER))
