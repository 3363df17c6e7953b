"""The cohort funnel: months of application followed to their end, by job and stage."""

from __future__ import annotations

from math import sqrt

import pytest

from tests.warehouse.history import Query, candidate, created, day

# Two flows in one company: equal names are one stage, and each job has its own order between.
ADA = ("Applied", "Screening", "Interview", "Offer", "Hired")
BOB = ("Applied", "Dog walk", "Interview", "Hired")


def path(name: str, job: str, start: float, *steps: str, end: str | None = None) -> list:
    """One state a day through the steps; `end` comes a day later, in the last step."""
    states = [
        created(name, job, day(start), status="open", step=steps[0], received_at=day(start)),
        *(
            candidate(
                name,
                job,
                day(start + n),
                status="hired" if step == "Hired" else "open",
                step=step,
                received_at=day(start),
            )
            for n, step in enumerate(steps[1:], 1)
        ),
    ]
    if end:
        at = day(start + len(steps))
        states.append(candidate(name, job, at, status=end, step=steps[-1], received_at=day(start)))
    return states


HISTORY = [
    # January, job ada: 5 applications.
    *path("a1", "ada", 0, *ADA),
    *path("a2", "ada", 1, "Applied", "Screening", "Interview", end="rejected"),
    *path("a3", "ada", 2, "Applied", "Interview", end="withdrawn"),  # skips screening
    *path("a4", "ada", 3, "Applied", "Screening", "Applied", end="rejected"),  # comes back
    *path("a5", "ada", 4, "Applied", end="rejected"),
    # February: one under way, one moved to another job.
    *path("a6", "ada", 32, "Applied", "Screening"),
    *path("a7", "ada", 33, "Applied", "Screening"),
    candidate("a7", "bob", day(40), status="open", step="Applied"),
    # Job bob: a step that no map knows stands where its applications say.
    *path("b1", "bob", 0, *BOB),
    *path("b2", "bob", 0, "Applied", "Dog walk", end="rejected"),
]


def funnel(built: Query, month: str, job: str) -> dict[str, dict]:
    rows = built(
        f"select * from funnel_cohort where cohort_month = '{month}' and job_uuid = '{job}'"
        " order by stage_order"
    )
    return {row["stage"]: row for row in rows}


def columns(rows: dict[str, dict], *names: str) -> list[tuple]:
    return [(stage, *(row[name] for name in names)) for stage, row in rows.items()]


def test_entered_visited_the_stage_and_reached_it_or_a_later_one(built: Query) -> None:
    rows = funnel(built, "2026-01-01", "ada")
    assert columns(rows, "entered", "reached") == [
        ("applied", 5, 5),
        ("screening", 3, 4),  # a1 a2 a4; a3 went past it
        ("interview", 3, 3),  # a1 a2 a3
        ("offer", 1, 1),
        ("hired", 1, 1),
    ]


def test_exits_are_those_of_the_last_visit_and_add_up(built: Query) -> None:
    rows = funnel(built, "2026-01-01", "ada")
    exits = ("advanced", "moved", "moved_back", "transferred", "rejected", "withdrawn", "hired")
    assert columns(rows, *exits, "open") == [
        ("applied", 3, 0, 0, 0, 2, 0, 0, 0),  # a1 a2 a3 on; a4 rejected on its second visit; a5
        ("screening", 2, 0, 1, 0, 0, 0, 0, 0),  # a1 a2 on; a4 back
        ("interview", 1, 0, 0, 0, 1, 1, 0, 0),
        ("offer", 1, 0, 0, 0, 0, 0, 0, 0),
        ("hired", 0, 0, 0, 0, 0, 0, 1, 0),
    ]
    for row in rows.values():
        assert row["entered"] == sum(row[name] for name in (*exits, "open"))


def test_pass_through_is_of_completed_considerations_with_wilsons_interval(built: Query) -> None:
    row = funnel(built, "2026-01-01", "ada")["applied"]
    k, n, z = 3, 5, 1.959963984540054
    p = k / n
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert row["pass_through"] == pytest.approx(0.6, abs=1e-15)
    assert row["pass_through_low"] == pytest.approx((middle - half) / (1 + z * z / n), abs=1e-15)
    assert row["pass_through_high"] == pytest.approx((middle + half) / (1 + z * z / n), abs=1e-15)
    # As in Newcombe 1998 for 3 of 5 (0.2307, 0.8824).
    assert (round(row["pass_through_low"], 4), round(row["pass_through_high"], 4)) == (
        0.2307,
        0.8824,
    )


def test_an_immature_cohort_has_bounds_and_no_rate_without_completed_ones(built: Query) -> None:
    rows = funnel(built, "2026-02-01", "ada")
    assert columns(rows, "entered", "open", "transferred", "is_mature") == [
        ("applied", 2, 0, 0, False),
        ("screening", 2, 1, 1, False),
        ("interview", 0, 0, 0, False),
        ("offer", 0, 0, 0, False),
        ("hired", 0, 0, 0, False),
    ]
    # Screening: k = 0, n = 2 - 1 = 1; bounds 0 / 2 and (0 + 1) / 2.
    screening = rows["screening"]
    assert (screening["pass_through"], screening["bound_low"], screening["bound_high"]) == (
        0,
        0,
        0.5,
    )
    assert screening["pass_through_low"] == 0
    assert rows["interview"]["pass_through"] is None
    assert rows["interview"]["bound_high"] is None


def test_a_mature_cohort_has_no_open_application(built: Query) -> None:
    assert {row["is_mature"] for row in funnel(built, "2026-01-01", "ada").values()} == {True}


def test_a_step_that_no_map_knows_stands_where_its_applications_say(built: Query) -> None:
    rows = funnel(built, "2026-01-01", "bob")
    assert columns(rows, "entered", "reached", "advanced", "rejected") == [
        ("applied", 2, 2, 2, 0),
        ("Dog walk", 2, 2, 1, 1),
        ("interview", 1, 1, 1, 0),
        ("hired", 1, 1, 0, 0),
    ]
    # After 100 (applied), before 400 (interview).
    assert [row["stage_order"] for row in rows.values()] == [100, 101, 400, 700]


def test_reached_never_grows_along_the_flow(built: Query) -> None:
    assert (
        built("""
        select * from (
            select reached, lag(reached) over (
                partition by cohort_month, job_uuid order by stage_order) as before
            from funnel_cohort) where reached > before""")
        == []
    )


def test_hired_in_the_funnel_are_the_hired_applications_that_visited_a_step(built: Query) -> None:
    assert built("select sum(hired)::int as n from funnel_cohort") == built(
        "select count(*)::int as n from applications where outcome = 'hired'"
    )
