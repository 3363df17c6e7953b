"""Cohort funnels of several months and jobs as one: counts are summed, then divided."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from notebooks import sentences
from notebooks.intervals import with_rates

HIRED = "Hired, from any stage"
MOST = 15  # stages drawn; steps that are mapped to no stage are stages of their own
COUNTS = ["entered", "reached", "of", "went_on", "finished", "open"]


def summed(cohort: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """One row per stage (and per `by`), in the order of the funnel.

    cohort: rows of funnel_cohort. Result: reached, of (applications that entered any stage, in
    jobs that have this stage), entered, went_on (advanced + hired), finished (entered - open),
    open; rate = went_on / finished with its 95 % Wilson interval low, high; bound_low, bound_high:
    the least and the most that the rate can become when the open ones are done.
    """
    key = [*by, "stage"]
    of = cohort.groupby(["cohort_month", "job_uuid"])["reached"].transform("max")
    counted = cohort.assign(
        of=of,
        went_on=cohort["advanced"] + cohort["hired"],
        finished=cohort["entered"] - cohort["open"],
        weighted=cohort["stage_order"].fillna(10**6) * of,
    )
    rows = counted.groupby(key, sort=False, as_index=False)[[*COUNTS, "weighted"]].sum()
    rows = rows[rows["of"] > 0]
    rows = rows.assign(order=rows["weighted"] / rows["of"]).sort_values(
        [*by, "order", "reached", "stage"], ascending=[True] * (len(by) + 1) + [False, True]
    )
    rows = rows[[*key, *COUNTS]].reset_index(drop=True)
    entered = rows["entered"].where(rows["entered"] > 0)
    rates = with_rates(rows, "went_on", "finished")
    rates["bound_low"] = rows["went_on"] / entered
    rates["bound_high"] = (rows["went_on"] + rows["open"]) / entered
    return rates


def latest_months(cohort: pd.DataFrame, months: int) -> pd.DataFrame:
    """The cohorts of the last so many months, counted from the latest cohort."""
    if not len(cohort):
        return cohort
    first = cohort["cohort_month"].max() - pd.DateOffset(months=months - 1)
    kept: pd.DataFrame = cohort.loc[cohort["cohort_month"] >= first]
    return kept


def by_period(cohort: pd.DataFrame, count: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """The rows of count() for each period that a reader picks from; columns period, months."""
    parts = []
    for last in (None, 12, 6, 3):
        part = latest_months(cohort, last) if last else cohort
        counted = count(part)
        counted.insert(0, "period", f"Last {last} months" if last else "All months")
        counted.insert(1, "months", sentences.window(part["cohort_month"]))
        parts.append(counted)
    return pd.concat(parts, ignore_index=True)


def reached(cohort: pd.DataFrame) -> pd.DataFrame:
    """How many reached each stage, and how many were hired at all: stage, reached, of."""
    return pd.concat([summed(cohort), was_hired(cohort)])[["stage", "reached", "of"]]


def largest(stages: pd.DataFrame) -> list[str]:
    """The stages to be drawn, in order: of more than MOST those with most applications.

    stages: what summed() gives.
    """
    kept = stages.nlargest(MOST, "reached").index
    return [str(stage) for stage in stages.loc[sorted(kept), "stage"]]


def was_hired(cohort: pd.DataFrame) -> pd.DataFrame:
    """A row like those of summed(): hired from whatever stage, of all that entered any.

    cohort: with `hires`, the hired of the month and job, which stands in each of their rows. The
    exits of the stages do not tell it: who was hired twice has two.
    """
    if not len(cohort):
        return pd.DataFrame({"stage": [], "reached": [], "of": []})
    of_each = cohort.groupby(["cohort_month", "job_uuid"])[["hires", "reached"]].max().sum()
    hired, of = (int(of_each[each]) for each in ("hires", "reached"))
    return pd.DataFrame({"stage": [HIRED], "reached": [hired], "of": [of]})


def on_grid(counts: pd.DataFrame, by: str, column: str, values: Sequence[str]) -> pd.DataFrame:
    """Counts with a row for each `by` and each of the values, 0 where nothing was counted."""
    grid = pd.MultiIndex.from_product(
        [list(dict.fromkeys(counts[by])), list(values)], names=[by, column]
    )
    return counts.set_index([by, column]).reindex(grid, fill_value=0).reset_index()
