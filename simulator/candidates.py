"""Candidates: a person, an application form and the states that followed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.jobs import Job
from simulator.journey import State, Walk
from simulator.people import Person, make_uuid
from simulator.places import Place, choose_place

SOURCES = (
    ("Job board", "Indeed", 32),
    ("Job board", "IrishJobs.ie", 14),
    ("Job board", "indeed.com", 6),
    ("Social", "LinkedIn", 18),
    ("Career site", "Careers page", 16),
    ("Referral", "Referred by Ciarán Example", 6),
    ("Agency", "Northgate Recruiting", 5),
    (None, None, 3),
)

# Odd candidates: one state only, in a way that the definitions still decide exactly.
NO_UUID, NO_JOB, NO_TIME, BAD_TIME, FUTURE_TIME, TIED = (
    "no_uuid",
    "no_job",
    "no_time",
    "bad_time",
    "future_time",
    "tied",
)
ODDITIES = (
    (None, 9750),
    (NO_UUID, 20),
    (NO_JOB, 40),
    (NO_TIME, 40),
    (BAD_TIME, 20),
    (FUTURE_TIME, 20),
    (TIED, 50),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """answers: per question of the first job, the chosen options or one text."""

    uuid: str
    person: Person
    place: Place
    source_type: str | None
    source_name: str | None
    received_at: datetime | None
    created_at: datetime | None
    micros: int  # of `updated_at`, the same in all states
    total_score: float | None
    questions_score: float | None
    answers: tuple[tuple[str, ...], ...]
    vocabulary: int
    oddity: str | None
    states: tuple[State, ...]

    @property
    def form(self) -> Job:
        return self.states[0].job


def make_candidate(
    rng: random.Random, person: Person, job: Job, others: list[Job], applied: datetime
) -> Candidate:
    """A candidate who applies to `job` at `applied` and may be transferred to one of `others`."""
    oddity = rng.choices([name for name, _ in ODDITIES], [weight for _, weight in ODDITIES])[0]
    states = list(Walk(rng, job, others, applied).states())
    if oddity == TIED:
        states = _tie(states)
    elif oddity is not None:
        states = states[:1]
    source_type, source_name, _ = rng.choices(SOURCES, [weight for *_, weight in SOURCES])[0]
    received, created = _own_times(rng, applied, complete=oddity is not None)
    return Candidate(
        uuid=make_uuid(rng),
        person=person,
        place=job.place if rng.random() < 0.7 else choose_place(rng),
        source_type=source_type,
        source_name=source_name,
        received_at=received,
        created_at=created,
        micros=rng.randrange(1, 1_000_000) if rng.random() < 0.3 else 0,
        total_score=None if rng.random() < 0.1 else round(rng.betavariate(5, 3) * 100, 1),
        questions_score=None if not job.questions else float(rng.randint(0, 10)),
        answers=tuple(_answer(rng, question.options) for question in job.questions),
        vocabulary=rng.randrange(3),
        oddity=oddity,
        states=tuple(states),
    )


def _own_times(
    rng: random.Random, applied: datetime, *, complete: bool
) -> tuple[datetime | None, datetime | None]:
    """`received_at` and `created_at` as the payload carries them: sometimes one or both missing."""
    created = applied + timedelta(seconds=rng.choice((0, 0, -2)))
    missing = 1.0 if complete else rng.random()
    if missing < 0.005:
        return None, None
    return (None, created) if missing < 0.03 else (applied, created)


def _tie(states: list[State]) -> list[State]:
    """The last state twice at the same time, with another score: the order cannot be known."""
    return [*states, replace(states[-1], kind="updated", interview_score=1.25)]


def _answer(rng: random.Random, options: tuple[str, ...]) -> tuple[str, ...]:
    if not options:
        return (rng.choice(("I like the team.", "Near my home.", 'Quote " and \\ slash', "—")),)
    several = rng.randint(1, len(options)) if len(options) > 3 else 1
    return tuple(rng.sample(options, several))
