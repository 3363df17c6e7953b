"""What one application's states amount to, in plain Python, by the published definitions.

Written apart from the warehouse's SQL on purpose: the two must agree.
Times are integer microseconds since 1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.vocabulary import Vocabulary

TERMINAL = ("hired", "rejected", "withdrawn")
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000


def moment(value: str | None) -> int | None:
    """A time of a payload; one without a zone is UTC, what is not a time is None."""
    if not value:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND


@dataclass(frozen=True)
class Seen:
    """A delivered state, reduced to what decides. effective_at: when it came to be."""

    effective_at: int
    created_event: bool
    outcome: str
    step: tuple[str, str] | None  # uuid, name
    received_at: int | None
    created_at: int | None
    hired_at: int | None

    @classmethod
    def of(cls, name: str, data: dict[str, Any], words: Vocabulary, known_by: int) -> Seen:
        step = data["hiring_flow_step"]
        return cls(
            effective_at(data, known_by),
            name == "CandidateResource_created",
            words.outcome(data["status"]),
            (step["uuid"].lower(), step["name"]) if step else None,
            moment(data["received_at"]),
            moment(data["created_at"]),
            moment(data["hired_at"]),
        )


def effective_at(data: dict[str, Any], known_by: int) -> int:
    """`updated_at` if it is at most a day after `known_by`, else the latest own time by then."""
    updated = moment(data["updated_at"])
    if updated is not None and updated <= known_by + DAY:
        return updated
    own = (moment(data[name]) for name in ("created_at", "received_at", "hired_at", "starts_at"))
    return max((time for time in own if time is not None and time <= known_by), default=known_by)


@dataclass(frozen=True)
class Visit:
    """A stay in a step. entered_at is None where the application was met on its way."""

    step_uuid: str
    step_name: str
    stage: str
    entered_at: int | None
    left_at: int | None = None
    exit_kind: str = "open"


@dataclass(frozen=True)
class Application:
    candidate_uuid: str
    job_uuid: str
    outcome: str
    applied_at: int
    hired_at: int | None
    rejected_at: int | None
    withdrawn_at: int | None
    is_left_truncated: bool
    order_ambiguous: bool
    furthest_stage: str | None
    visits: list[Visit] = field(default_factory=list)


def application(
    key: tuple[str, str],
    states: list[Seen],
    words: Vocabulary,
    *,
    arrived_by_transfer: bool,
    transferred_at: int | None,
) -> Application:
    """`states` in order of effective_at; `transferred_at`: when a later state names another job."""
    last = states[-1]
    first = states[0].effective_at
    own = _given(last.received_at, last.created_at, default=first)
    applied = first if arrived_by_transfer else own
    truncated = first > applied and not any(state.created_event for state in states)
    is_transferred = transferred_at is not None and last.outcome not in TERMINAL
    outcome = "transferred" if is_transferred else last.outcome
    run = _run_start(states)
    visits = _visits(states, words, transferred_at)
    if truncated and visits:
        visits[0] = replace(visits[0], entered_at=None)
    times = [state.effective_at for state in states]
    return Application(
        *key,
        outcome=outcome,
        applied_at=applied,
        hired_at=_given(last.hired_at, default=run) if outcome == "hired" else None,
        rejected_at=run if outcome == "rejected" else None,
        withdrawn_at=run if outcome == "withdrawn" else None,
        is_left_truncated=truncated,
        order_ambiguous=len(set(times)) < len(times),
        furthest_stage=_furthest(visits, words),
        visits=visits,
    )


def _given(*times: int | None, default: int) -> int:
    return next((time for time in times if time is not None), default)


def _run_start(states: list[Seen]) -> int:
    """First state of the last unbroken run with the final outcome."""
    start = states[-1]
    for state in reversed(states):
        if state.outcome != start.outcome:
            break
        start = state
    return start.effective_at


def _visits(states: list[Seen], words: Vocabulary, transferred_at: int | None) -> list[Visit]:
    visits: list[Visit] = []
    ended = False  # by a terminal state; a later open one starts a new visit
    for state in states:
        terminal = state.outcome in TERMINAL
        standing = bool(visits) and not ended
        moves = state.step is not None and not (standing and visits[-1].step_uuid == state.step[0])
        if moves and not (terminal and ended) and state.step is not None:
            stage = words.stage(state.step[1])[0]
            visit = Visit(*state.step, stage, state.effective_at)
            if standing:
                kind = _direction(visits[-1], visit, words)
                visits[-1] = replace(visits[-1], left_at=visit.entered_at, exit_kind=kind)
            visits.append(visit)
            standing = True
        if terminal and standing:
            left = replace(visits[-1], left_at=state.effective_at, exit_kind=state.outcome)
            visits[-1] = left
        ended = terminal
    if transferred_at is not None and visits and not ended:
        visits[-1] = replace(visits[-1], left_at=transferred_at, exit_kind="transferred")
    return visits


def _direction(before: Visit, after: Visit, words: Vocabulary) -> str:
    """forward, moved_back, or moved where the map of stages does not tell."""
    here, there = words.stage(before.step_name)[1], words.stage(after.step_name)[1]
    if here is None or there is None or here == there:
        return "moved"
    return "forward" if there > here else "moved_back"


def _furthest(visits: list[Visit], words: Vocabulary) -> str | None:
    """The last of the stages visited whose order the map gives."""
    known = [(order, stage) for v in visits for stage, order in [words.stage(v.step_name)] if order]
    return max(known)[1] if known else None
