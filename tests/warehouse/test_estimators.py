"""Estimates of a small history, by hand; areas under the curve against their definition."""

from __future__ import annotations

import itertools
import math

import duckdb
import numpy as np
import pytest

from benchmarks.campaign.coverage import by_score
from tests.warehouse.history import Query, candidate, created, day, job
from warehouse.auc import auc
from warehouse.calibration import bands, score_calibration, wilson


def scored(name: str, score: float | None, end: str, *steps: str, later: float = 0) -> list:
    """Created with a score on day 0, a step a day, the end on day 5 with another score."""
    states = [created(name, "scores", day(0), status="new", step="Applied", total_score=score)]
    states += [
        candidate(name, "scores", day(n), status="new", step=step, total_score=later)
        for n, step in enumerate(steps, 1)
    ]
    step = steps[-1] if steps else "Applied"
    return [*states, candidate(name, "scores", day(5), status=end, step=step, total_score=later)]


def hired(name: str, days: float, **columns) -> list:
    return [
        created(name, "hires", day(0), status="new", step="Applied", **columns),
        candidate(name, "hires", day(days), status="hired", step="Applied", **columns),
    ]


HISTORY = [
    # Job hires, applied on day 0, as_of is day 200: hired on 10, 20, 40, rejected on 15, one open,
    # one hired before applying.
    *hired("h1", 10, source_name="Indeed"),
    *hired("h2", 20, source_name="Indeed"),
    *hired("h3", 40),
    created("h4", "hires", day(0), status="new", step="Applied"),
    candidate("h4", "hires", day(15), status="rejected", step="Applied"),
    created("h5", "hires", day(0), status="new", step="Applied"),
    *hired("h6", 30, hired_at=day(-1)),
    # Job scores: those scored high advance, the one without score too; scores after that are no
    # part of it.
    *scored("s1", 10, "rejected"),
    *scored("s2", 20, "rejected"),
    *scored("s3", 30, "rejected", "Interview", later=5),
    *scored("s4", 40, "hired", "Interview", later=5),
    *scored("s5", 15, "rejected", "Interview", later=99),
    *scored("s6", None, "hired", "Interview", later=99),
    *scored("s7", 50, "new"),  # has not left screening
    job("hires", day(0)),
    ("other_events", {"landed_at": day(200)}),
]


def test_time_to_hire_by_hand(built: Query) -> None:
    (row,) = built("select * from time_to_hire where scope = 'job' and scope_value = 'hires'")
    assert (row["applications"], row["hired"], row["open"], row["negative"]) == (6, 4, 1, 1)
    # Of 10, 20, 40.
    assert row["median_days_hired"] == 20
    assert row["p90_days_hired"] == pytest.approx(36)  # 20 + 0.8 x 20
    # 5 at risk: 1/5 at 10; S 4/5, rejected at 15: S 3/5; at 20 + 3/5 x 1/3; at 40 + 2/5 x 1/2.
    assert row["incidence_30"] == pytest.approx(2 / 5)
    assert row["incidence_60"] == pytest.approx(3 / 5)
    assert row["incidence_180"] == pytest.approx(3 / 5)
    assert row["incidence_60_low"] < 3 / 5 < row["incidence_60_high"]
    # Half of 3/5 is passed on day 20.
    assert row["half_incidence_days"] == 20


def test_time_to_hire_has_a_row_for_all_each_month_and_each_source(built: Query) -> None:
    rows = built("select scope, scope_value, applications from time_to_hire order by 1, 2")
    assert [tuple(row.values()) for row in rows] == [
        ("all", "all", 13),
        ("cohort_month", "2026-01-01", 13),
        ("job", "hires", 6),
        ("job", "scores", 7),
        ("source", "Indeed", 2),
        ("source", "unknown", 11),
    ]


def test_time_in_stage_by_hand(built: Query) -> None:
    (row,) = built("select * from time_in_stage where scope_value = 'hires' and stage = 'applied'")
    assert (row["visits"], row["finished"], row["open"], row["left_truncated"]) == (6, 5, 1, 0)
    # Finished: 10 15 20 30 40. Beside them one goes on for 200 days.
    assert row["mean_days_finished"] == pytest.approx(23)
    assert row["median_days_finished"] == 20
    # 5/6 4/6 3/6 at 20: half have left.
    assert row["median_days"] == 20
    assert row["bias_days"] == 0
    assert row["median_days_low"] <= 20


def test_the_curve_of_a_stage_by_hand(built: Query) -> None:
    rows = built(
        "select day, at_risk, survival, survival_low, survival_high from time_in_stage_curve"
        " where scope = 'all' and stage = 'interview' order by day"
    )
    # s3 s4 s5 s6 entered it on day 1 and left on day 5.
    assert [(r["day"], r["at_risk"], r["survival"]) for r in rows] == [(0, 4, 1), (4, 4, 0)]
    # Wilson's of 4 of 4: 4 / (4 + 1.96²). When no one is left, the upper end is what it was.
    ends = [(r["survival_low"], r["survival_high"]) for r in rows]
    assert ends == [(pytest.approx(4 / 7.8415, abs=1e-4), 1), (0, 1)]


def test_the_curve_comes_to_a_half_when_the_median_says_so(built: Query) -> None:
    rows = built(
        "select median_days, min(day) as day from time_in_stage"
        " join time_in_stage_curve using (scope, scope_value, stage)"
        " where survival <= 0.5 group by all"
    )
    assert rows
    assert all(row["median_days"] == row["day"] for row in rows)


def test_a_job_with_few_stays_has_no_curve(built: Query) -> None:
    assert built("select distinct scope from time_in_stage_curve") == [{"scope": "all"}]


def test_scores_are_those_known_before_leaving_screening(built: Query) -> None:
    rows = built(
        "select band, score_low, score_high, applications, advanced, hired, auc_advanced, auc_hired"
        " from score_calibration where score_kind = 'total_score' order by band"
    )
    assert [tuple(row.values())[:6] for row in rows] == [
        (0, None, None, 6, 5, 5),  # s6, and h1 h2 h3 h6 hired and h4 rejected without a score
        (1, 10, 10, 1, 0, 0),
        (2, 15, 15, 1, 1, 0),
        (3, 20, 20, 1, 0, 0),
        (4, 30, 30, 1, 1, 0),
        (5, 40, 40, 1, 1, 1),
    ]
    # Advanced 15 30 40 against 10 20: 5 of 6 pairs the right way round. Hired 40 beats all.
    assert rows[0]["auc_advanced"] == pytest.approx(5 / 6)
    # DeLong needs two of each kind: one was hired.
    assert rows[0]["auc_hired"] is None


def by_definition(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """AUC and its variance by DeLong's own double sum over pairs."""

    def wins(a: float, b: float) -> float:
        return 1.0 if a > b else 0.5 if a == b else 0.0

    x, y = scores[positive], scores[~positive]
    area = np.mean([wins(a, b) for a, b in itertools.product(x, y)])
    v10 = np.array([np.mean([wins(a, b) for b in y]) for a in x])
    v01 = np.array([np.mean([wins(a, b) for a in x]) for b in y])
    return float(area), v10.var(ddof=1) / len(x) + v01.var(ddof=1) / len(y)


@pytest.mark.parametrize("levels", [3, 1000])
def test_the_area_and_its_variance_are_those_of_the_definition(levels: int) -> None:
    draw = np.random.default_rng(5)
    positive = draw.random(60) < 0.4
    scores = np.floor((draw.random(60) + 0.3 * positive) * levels)
    area, variance = by_definition(scores, positive)
    found, low, high = auc(*by_score(scores, positive)) or (0, 0, 0)
    assert found == pytest.approx(area)
    # On the logit scale the half width is t x error / (A (1 - A)); t of 30 or more degrees.
    logit = [math.log(p / (1 - p)) for p in (low, area, high)]
    t = (logit[2] - logit[1]) * area * (1 - area) / variance**0.5
    assert 1.96 < t < 2.05
    assert logit[2] - logit[1] == pytest.approx(logit[1] - logit[0])


def test_scores_that_part_all_still_have_an_interval() -> None:
    # Ten above thirty: Wilson's of ten of ten, 10 / (10 + 1.96²).
    found = auc(*by_score(np.arange(40.0), np.arange(40) >= 30))
    assert found == (1, pytest.approx(10 / 13.8415, abs=1e-4), 1)


def test_equal_scores_share_a_band_and_no_score_is_band_0() -> None:
    scores, counts = np.array([np.nan, 5, 7, 8, 9, 10]), np.array([1, 6, 1, 1, 1, 1])
    assert bands(scores, counts).tolist() == [0, 1, 4, 4, 5, 5]
    assert bands(np.array([np.nan]), np.array([1])).tolist() == [0]


def test_wilson_is_null_for_none_and_exact_at_the_ends() -> None:
    assert wilson(0, 0) == (None, None)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1
    assert wilson(3, 5) == (pytest.approx(0.2307, abs=5e-5), pytest.approx(0.8824, abs=5e-5))


def screened(salt: int, order: str) -> list[dict]:
    """What calibration makes of 500 invented applications whose rows stand in an order."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""create table int_screenings as
            select
                number as candidate_uuid, 'j' as job_uuid,
                hash(number, {salt}) % 3 = 0 as has_advanced,
                hash({salt}, number) % 300 / 7 as total_score, number % 4.0 as ai_score,
                null::double as interview_score, number % 11.0 as questions_score,
                number % 5 = 0 as is_decided, number % 5 = 0 as is_hired
            from range(500) as numbers (number) order by {order}"""
        )
        return score_calibration(connection)["score_calibration"].to_pylist()


@pytest.mark.parametrize("salt", [16, 19, 38])  # in whose sums the order shows
def test_how_scores_do_depends_on_no_order_of_rows(salt: int) -> None:
    assert screened(salt, "hash(number)") == screened(salt, "number")
