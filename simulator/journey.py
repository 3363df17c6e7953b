"""A candidate's way through a job: a seeded walk through its flow, mishaps included."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.flows import SPREAD, FlowStep
from simulator.jobs import Job

# Chances of what disturbs the straight way, each per move unless it says otherwise.
SKIPS_AHEAD = 0.06
MOVES_BACK = 0.05
TRANSFERS = 0.015
DETAILS_CHANGE = 0.08
REOPENED = 0.05  # per rejection
TAKEN_UP_ELSEWHERE = 0.02  # per rejection: by another job, without being reopened
MOVED_WHILE_REJECTED = 0.02  # per rejection
REJECTED_IN_NEXT_STEP = 0.02  # per rejection
UNHIRED = 0.05  # per hire
HIRED_AT_MISSING = 0.15  # per hire
STEP_MISSING = 0.01
FIRST_STEP_MISSING = 0.02  # per candidate
STATUS_UNKNOWN = 0.02
LEFT_LYING = 0.04  # no one ever decides
LONGEST = 40  # moves, so that a walk surely ends


@dataclass(frozen=True, slots=True)
class State:
    """A candidate's state from `at` on. outcome: open, hired, rejected, withdrawn, unknown."""

    at: datetime
    kind: str  # created, updated, status_updated
    job: Job
    step: str | None
    outcome: str
    hired_at: datetime | None = None
    starts_at: datetime | None = None
    interview_score: float | None = None
    ai_score: float | None = None


class Walk:
    """Walks one candidate through `job` (and through `others` when transferred)."""

    def __init__(self, rng: random.Random, job: Job, others: list[Job], applied: datetime) -> None:
        self.rng = rng
        self.others = others
        self.index = 0
        ai_score = None if rng.random() < 0.2 else round(rng.betavariate(4, 2) * 100, 1)
        first = applied + timedelta(seconds=rng.choice((0, 0, 1, 30)))
        self.state = State(first, "created", job, job.flow.steps[0].name, "open", ai_score=ai_score)

    @property
    def steps(self) -> tuple[FlowStep, ...]:
        return self.state.job.flow.steps

    def states(self) -> Iterator[State]:
        """The states in order of time; their times are distinct."""
        unseen = self.may_go_unseen() and self.happens(FIRST_STEP_MISSING)
        yield replace(self.state, step=None) if unseen else self.state
        for _ in range(LONGEST):
            if self.happens(LEFT_LYING):
                return
            if self.happens(DETAILS_CHANGE):
                yield self.details()
            step = self.steps[self.index]
            fate = self.rng.random()
            if fate < step.advances:
                yield from self.advance(step)
            elif fate < step.advances + step.rejects:
                yield from self.reject(step)
            else:
                yield self.move(step.days, outcome="withdrawn")
            if self.state.outcome in ("hired", "rejected", "withdrawn"):
                return

    def happens(self, chance: float) -> bool:
        return self.rng.random() < chance

    def move(self, days: float, **changes: object) -> State:
        """The next state, after a lognormal stay with that median."""
        stay = max(1, round(self.rng.lognormvariate(math.log(days * 86_400), SPREAD)))
        kind = str(changes.pop("kind", "status_updated"))
        later = self.state.at + timedelta(seconds=stay)
        self.state = replace(self.state, at=later, kind=kind, **changes)  # type: ignore[arg-type]  # checked by the dataclass's tests
        if changes.get("step") and self.may_go_unseen() and self.happens(STEP_MISSING):
            return replace(self.state, step=None)
        return self.state

    def may_go_unseen(self) -> bool:
        """Not before a step whose place must be learned: see FlowStep.ordered."""
        return all(step.ordered for step in self.steps[self.index + 1 : self.index + 2])

    def details(self) -> State:
        score = round(self.rng.betavariate(5, 3) * 10, 2)
        return self.move(0.3, kind="updated", interview_score=score)

    def advance(self, step: FlowStep) -> Iterator[State]:
        if self.index and self.steps[self.index - 1].ordered and self.happens(MOVES_BACK):
            self.index -= 1
            yield self.move(step.days, step=self.steps[self.index].name)
        elif self.others and self.happens(TRANSFERS):
            yield self.transfer(step)
        elif self.index + 1 == len(self.steps):
            yield from self.hire(step)
        else:
            self.index += self.stride()
            outcome = "unknown" if self.happens(STATUS_UNKNOWN) else "open"
            yield self.move(step.days, step=self.steps[self.index].name, outcome=outcome)

    def stride(self) -> int:
        skipped = self.index + 2
        may_skip = skipped < len(self.steps) and self.steps[skipped].ordered
        return 2 if may_skip and self.happens(SKIPS_AHEAD) else 1

    def transfer(self, step: FlowStep) -> State:
        job = self.rng.choice(self.others)
        self.others = []  # once: a candidate who comes back to a job is not defined
        self.index = min(self.index, 1) if job.flow.steps[1].ordered else 0
        kind = self.rng.choice(("updated", "status_updated"))
        name = job.flow.steps[self.index].name
        return self.move(step.days, kind=kind, job=job, step=name, outcome="open")

    def reject(self, step: FlowStep) -> Iterator[State]:
        changes: dict[str, object] = {"outcome": "rejected"}
        following = self.steps[self.index + 1 : self.index + 2]
        if following and following[0].ordered and self.happens(REJECTED_IN_NEXT_STEP):
            self.index += 1
            changes["step"] = following[0].name
        yield self.move(step.days, **changes)
        if self.happens(MOVED_WHILE_REJECTED):
            yield self.move(2, step=self.steps[0].name)
        if self.others and self.happens(TAKEN_UP_ELSEWHERE):
            yield self.transfer(step)
        elif self.happens(REOPENED):
            self.index = min(self.index, 1)
            yield self.reopen()

    def reopen(self) -> State:
        if not self.steps[self.index].ordered:
            self.index = 0
        step = self.steps[self.index].name
        return self.certain(self.move(6, step=step, outcome="open", hired_at=None, starts_at=None))

    def certain(self, state: State) -> State:
        """A reopened candidate always stands in a step: what no step means there is not defined."""
        return replace(state, step=self.state.step)

    def hire(self, step: FlowStep) -> Iterator[State]:
        where = self.state.job.flow.hires_in or step.name
        hired = self.move(step.days, step=where, outcome="hired")
        if not self.happens(HIRED_AT_MISSING):
            told = hired.at - timedelta(seconds=self.rng.choice((0, 1, 3600)))
            self.state = replace(self.state, hired_at=told)
            hired = replace(hired, hired_at=told)
        yield hired
        if self.happens(0.3):
            starts = self.state.at + timedelta(days=self.rng.randint(14, 60))
            yield self.move(2, kind="updated", starts_at=starts)
        if self.happens(UNHIRED):
            self.index = len(self.steps) - 1
            if not self.steps[self.index].ordered:
                self.index = 0
            yield self.reopen()
