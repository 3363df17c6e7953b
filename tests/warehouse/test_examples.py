"""The example queries by hand. Their answers on the golden day: tests/end_to_end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from tests.warehouse.compiled import Models
from tests.warehouse.history import Query, candidate, created, day, job
from warehouse.descriptions import marts
from warehouse.query import Example, QueryFailed, example, examples

QUESTION = {"position": 1, "question_text": "Shifts?", "options": "Early\nLate"}
Answer = Callable[[str], list[tuple[Any, ...]]]

# Twelve applied on days 0 and 1 and said which shifts suit them. c0 to c8 rejected on day 20, c9
# hired on day 10, c10 on day 30, who starts on day 210; c11 open. As of day 200.
HISTORY = [
    *(
        created(
            f"c{n}",
            "j",
            day(n % 2),
            status="new",
            step="Applied",
            received_at=day(n % 2),
            event_id=f"e{n}",
            total_score=n,
        )
        for n in range(12)
    ),
    *(
        ("candidate_event_answers", {"event_id": f"e{n}", "answer": answer, **QUESTION})
        for n, answer in enumerate(["Early"] * 6 + ["Early\nLate"] * 5 + ["Late"])
    ),
    *(candidate(f"c{n}", "j", day(20), status="rejected", step="Applied") for n in range(9)),
    candidate("c9", "j", day(10), status="hired", step="Applied"),
    candidate("c10", "j", day(30), status="hired", step="Applied", starts_at=day(210)),
    job("j", day(0), title="Cook", is_published=True, is_closed=False, published_at=day(0)),
    ("other_events", {"landed_at": day(200)}),
]
EACH = pytest.mark.parametrize("one", examples(), ids=lambda one: one.name)


@pytest.fixture(scope="module")
def answer(built: Query) -> Answer:
    return lambda name: [tuple(row.values()) for row in built(example(name).sql)]


def test_there_are_twenty_questions() -> None:
    assert len({one.question for one in examples()}) == 20


@EACH
def test_an_example_asks_says_what_n_is_and_orders_its_rows(one: Example) -> None:
    assert one.question.endswith("?")
    assert "n " in one.note
    assert "\norder by " in one.sql


@pytest.fixture(scope="module")
def empty(models: Models) -> duckdb.DuckDBPyConnection:
    """Marts of no event at all."""
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as warehouse; use warehouse")
    models.build(connection, [])
    for mart in marts():
        columns = ", ".join(f'"{name}"' for name in mart.columns)
        connection.execute(
            f"create temp table {mart.name} as select {columns} from main.{mart.name}"
        )
    return connection


@EACH
def test_an_example_runs_before_there_is_anything(
    one: Example, empty: duckdb.DuckDBPyConnection
) -> None:
    for row in empty.execute(one.sql).fetchall():
        assert all(value in (None, 0) or isinstance(value, str | int) for value in row)


def test_there_is_no_example_of_an_unknown_name() -> None:
    with pytest.raises(QueryFailed, match="hiring query --examples"):
        example("nothing")


def test_answers_are_counted_by_option(answer: Answer) -> None:
    # Completed: all but c11. Early: c0 to c10. Late: c6 to c10, too few to be shown.
    assert answer("answers_and_outcomes") == [("Shifts?", "Early", 11, 2, 0.182)]


def test_starts_are_those_after_as_of(answer: Answer) -> None:
    (row,) = answer("coming_starts")
    # Day 210 is 30 July 2026, of the week from Monday 27 July; 180 days after day 30.
    assert (str(row[0]), *row[1:]) == ("2026-07-27", "Cook", None, 1, 180.0)


def test_a_job_is_quiet_since_its_last_move(answer: Answer) -> None:
    ((title, _, _, open_, applications, _, days),) = answer("quiet_jobs")
    assert (title, open_, applications, days) == ("Cook", 1, 12, 170.0)


def test_a_hire_takes_the_completed_applications(answer: Answer) -> None:
    ((*_, applications, n, hired, ratio, days),) = answer("applications_per_hire")
    assert (applications, n, hired, ratio, days) == (12, 11, 2, 5.5, 10.0)


def test_the_week_is_counted_from_the_first_step(answer: Answer) -> None:
    ((_, n, moved, share),) = answer("first_move_in_a_week")
    assert (n, moved, share) == (12, 0, 0.0)


def test_who_waits_longest(answer: Answer) -> None:
    # Stays of 9, four of 19, five of 20 and 30 days: the sixth of twelve is 20. 199 / 20 = 9.95.
    assert answer("waiting_longest") == [("Cook", "c11", "applied", 199.0, 20.0, 10.0, 12)]


def test_months_count_what_happened_in_them(answer: Answer) -> None:
    assert [(str(month), *counts) for month, *counts in answer("month_by_month")] == [
        ("2026-01-01", 12, 2, 9, 0)
    ]


def test_the_funnel_has_wilsons_interval(answer: Answer) -> None:
    ((*_, passed, completed, open_, p, low, high),) = answer("funnel_by_stage")
    assert (passed, completed, open_, p) == (2, 11, 1, 0.182)
    # (2 + 1.92 ± 1.96 sqrt(2 x 9 / 11 + 0.96)) / (11 + 3.84), over 14.84
    assert (low, high) == pytest.approx((0.051, 0.477), abs=1e-3)
