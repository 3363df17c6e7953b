import pandas as pd
import pytest

from notebooks.funnel import by_period, largest, latest_months, on_grid, summed, was_hired
from notebooks.intervals import wilson

COLUMNS = ["cohort_month", "job_uuid", "stage", "stage_order", "entered", "reached", "advanced"]
MAY, JUNE = pd.Timestamp("2026-05-01"), pd.Timestamp("2026-06-01")
COHORT = pd.DataFrame(
    [
        # month, job, stage, order, entered, reached, advanced, hired, open
        (MAY, "a", "applied", 100, 20, 20, 12, 0, 0),
        (MAY, "a", "interview", 400, 10, 12, 2, 3, 1),
        (MAY, "a", "hired", 700, 3, 3, 0, 1, 0),
        (JUNE, "a", "applied", 100, 5, 5, 0, 0, 5),
        (JUNE, "a", "interview", 400, 0, 0, 0, 0, 0),
        (MAY, "b", "applied", 100, 8, 8, 4, 0, 0),
        (MAY, "b", "trial", 401, 4, 4, 0, 2, 0),
    ],
    columns=[*COLUMNS, "hired", "open"],
)


def row(stages, stage):
    return stages.set_index("stage").loc[stage]


def test_counts_are_summed_and_then_divided():
    applied = row(summed(COHORT), "applied")
    # entered 20+5+8=33, open 5: finished 28; went on 12+0+4=16
    assert applied[["entered", "finished", "open", "went_on"]].tolist() == [33, 28, 5, 16]
    assert applied["rate"] == pytest.approx(16 / 28)
    assert (applied["low"], applied["high"]) == pytest.approx(wilson(16, 28))
    assert (applied["bound_low"], applied["bound_high"]) == pytest.approx((16 / 33, 21 / 33))


def test_a_share_is_of_the_applications_in_jobs_that_have_the_stage():
    stages = summed(COHORT)
    assert row(stages, "interview")[["reached", "of"]].tolist() == [12, 25]  # job a: 20+5
    assert row(stages, "trial")[["reached", "of"]].tolist() == [4, 8]  # job b only


def test_stages_stand_in_the_order_of_the_funnel():
    assert summed(COHORT)["stage"].tolist() == ["applied", "interview", "trial", "hired"]


def test_groups_are_kept_apart():
    by_job = summed(COHORT, ["job_uuid"])
    assert by_job["job_uuid"].tolist() == ["a", "a", "a", "b", "b"]
    assert by_job["reached"].tolist() == [25, 12, 3, 8, 4]


def test_nothing_finished_has_no_rate():
    june = summed(COHORT[COHORT["cohort_month"] == JUNE])
    assert june["rate"].isna().all()
    assert row(june, "applied")["bound_high"] == 1


def test_hired_from_any_stage_counts_each_once():
    """In May one of job a was hired, rejected and hired again: four exits, three people."""
    hires = COHORT.assign(hires=COHORT["job_uuid"].map({"a": 3, "b": 2}))
    hires.loc[hires["cohort_month"] == JUNE, "hires"] = 0
    assert was_hired(hires).iloc[0].tolist() == ["Hired, from any stage", 5, 33]


def test_each_period_has_its_rows_and_says_its_months():
    periods = by_period(COHORT, summed)
    assert periods["period"].unique().tolist() == [
        "All months",
        "Last 12 months",
        "Last 6 months",
        "Last 3 months",
    ]
    assert periods["months"].unique().tolist() == ["May 2026 to Jun 2026"]
    assert len(periods) == 4 * len(summed(COHORT))


def test_of_many_stages_those_are_drawn_that_most_reached_in_order():
    stages = pd.DataFrame({"stage": list("abcdefghijklmnopqr"), "reached": range(18)})
    assert "".join(largest(stages)) == "defghijklmnopqr"
    assert "".join(largest(stages.head(3))) == "abc"


def test_an_empty_cohort_has_no_stage():
    assert len(summed(COHORT.head(0))) == 0
    assert len(latest_months(COHORT.head(0), 3)) == 0


def test_latest_months_count_from_the_latest_cohort():
    assert set(latest_months(COHORT, 1)["cohort_month"]) == {JUNE}
    assert len(latest_months(COHORT, 2)) == len(COHORT)


def test_a_grid_has_a_row_for_every_value():
    counts = pd.DataFrame({"job": ["a", "b"], "band": ["8-14", "0-7"], "open": [3, 1]})
    assert on_grid(counts, "job", "band", ["0-7", "8-14"]).values.tolist() == [
        ["a", "0-7", 0],
        ["a", "8-14", 3],
        ["b", "0-7", 1],
        ["b", "8-14", 0],
    ]
    assert len(on_grid(counts.head(0), "job", "band", ["0-7"])) == 0
