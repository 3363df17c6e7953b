"""The promise: for candidate states with distinct times of change, what is published does not
depend on the order, repetition, split or delay of deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.compiled import Load, Models
from tests.warehouse.history import candidate, day, job

EVENTS = ("CandidateResource_created", "CandidateResource_updated")
STATUSES = (None, "new", "new", "interview", "rejected", "hired", "withdrawn", "no such status")
STEPS = (None, "Applied", "Screening", "Interview", "Dog walk", "Cat walk", "Hired")
OPTIONS = "Yes\nNo"


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """States of a few candidates in two jobs, no two at one time."""
    times = draw(st.lists(st.integers(0, 90 * 24), min_size=2, max_size=14, unique=True))
    states = []
    for hour in times:
        table, row = candidate(
            draw(st.sampled_from("abc")),
            draw(st.sampled_from(("j1", "j1", "j2", None))),
            day(hour / 24),
            status=draw(st.sampled_from(STATUSES)),
            step=draw(st.sampled_from(STEPS)),
            event_name=draw(st.sampled_from(EVENTS)),
            received_at=draw(st.sampled_from((None, day(0), day(hour / 24), day(40)))),
            hired_at=draw(st.sampled_from((None, day(50)))),
            total_score=draw(st.sampled_from((None, 1.5, 70.0))),
            source_name=draw(st.sampled_from((None, "Indeed", "Ann"))),
        )
        states.append((table, row))
    return states


def deliveries(draw: st.DrawFn, states: Load, *, by_position: bool) -> list[Load]:
    """The states as loads: shuffled, some repeated, each landed late by a delay or in turn."""
    order = draw(st.permutations(range(len(states))))
    order = [*order, *draw(st.lists(st.sampled_from(order), max_size=6))]
    loads: list[Load] = [[] for _ in range(draw(st.integers(1, 3)))]
    for position, number in enumerate(order):
        row = states[number][1]
        landed = (
            day(200) + timedelta(minutes=position)
            if by_position
            else row["updated_at"] + timedelta(minutes=draw(st.integers(0, 30 * 1440)))
        )
        loads[draw(st.integers(0, len(loads) - 1))] += landed_state(row, landed, position)
    loads[0] += FIXED
    return loads


def landed_state(row: dict[str, Any], landed_at: datetime, position: int) -> Load:
    """A delivery of a state, with its answer."""
    event_id = f"{landed_at.isoformat()} {position}"
    answer = {
        "event_id": event_id,
        "position": 1,
        "question_text": "Car?",
        "options": OPTIONS,
        "answer": "Yes" if row["updated_at"].hour % 2 else "no idea",
    }
    delivery = {**row, "event_id": event_id, "landed_at": landed_at}
    return [("candidate_events", delivery), ("candidate_event_answers", answer)]


# What follows landing stays the same: a job's versions, and the last landing of all (as_of).
FIXED: Load = [
    job("j1", day(0), event_id="j1 first", title="A"),
    job("j1", day(3), event_id="j1 second", title="B"),
    ("other_events", {"event_id": "last", "landed_at": day(400)}),
]


@settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), states=histories())
def test_published_tables_do_not_depend_on_how_states_were_delivered(
    models: Models, data: st.DataObject, states: Load
) -> None:
    plain = [
        delivery
        for number, (_, row) in enumerate(states)
        for delivery in landed_state(row, row["updated_at"], number)
    ]
    expected = models.tables([[*FIXED, *plain]])
    for by_position in (False, True):
        loads = data.draw(st.composite(deliveries)(states, by_position=by_position))
        tables = models.tables(loads)
        (was,), (now,) = expected.pop("freshness"), tables.pop("freshness")
        # Repeats and loads differ, and are freshness's to say; the last landing and states do not.
        for name in ("as_of", "candidate_states", "job_states", "without_job"):
            assert was[name] == now[name]
        assert tables == expected
        expected["freshness"] = [was]
