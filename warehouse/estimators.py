"""Estimates that open cases do not bias: from the models, after dbt and before publishing.

Times are counted in tenths of a day. Counts are whole numbers, so they are exact and repeatable;
curves.py makes curves of them, in order of group and time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from warehouse import calibration, curves, estimated
from warehouse.curves import ROUNDING, Counts, Floats, Ints

BINS_A_DAY = 10
SMALLEST_RISK_SET = 10
PARTS = {"all": 100, "job": 20}  # a published curve falls by less than 1 / so many between rows
HORIZONS = (30, 60, 90, 180)
STAY_CURVE = pa.schema(
    [(name, pa.string()) for name in ("scope", "scope_value", "stage")]
    + [("day", pa.float64()), ("at_risk", pa.int64())]
    + [(name, pa.float64()) for name in ("survival", "survival_low", "survival_high")]
)
STAY_MEDIAN = ("median_days", "median_days_low", "median_days_high")


class EstimatesFailed(RuntimeError):
    """An estimate could not be computed. Names the table and the kind of error, never a value."""


def estimate(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Compute the estimates that new loads or time changed; seconds by maker.

    They count for made when `estimated.note` says so. Raises EstimatesFailed.
    """
    estimated.forget_unless_followed(connection)
    return estimate_in(connection)


def estimate_in(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The same where what est_made names stands.

    They are computed side by side: what one does alone in Python leaves DuckDB to the others.
    """
    seconds = {}
    estimated.touch(connection)
    with ThreadPoolExecutor(len(MAKERS)) as makers:
        made = {n: makers.submit(_make, _beside(connection), n) for n in reversed(MAKERS)}
        for name, estimate in reversed(made.items()):
            try:
                tables, seconds[name] = estimate.result()
                for table, rows in tables.items():
                    estimated.replace(connection, f"est_{table}", rows)
            except duckdb.Error as error:
                raise EstimatesFailed(f"{name} failed with {type(error).__name__}") from None
    return seconds


def _make(own: duckdb.DuckDBPyConnection, name: str) -> tuple[dict[str, pa.Table], float]:
    """The tables of a maker, made on a connection of its own, which is closed; and seconds."""
    started = time.monotonic()
    with own:
        tables = MAKERS[name](own)
    return tables, time.monotonic() - started


def _beside(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same warehouse; what is set on one is not set on the other."""
    (catalog,) = connection.execute("select current_database()").fetchall()[0]
    own = connection.cursor()
    own.execute("set TimeZone = 'UTC'")
    own.execute(f'use "{catalog}"')
    return own


def query(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """The result of estimates/<name>.sql."""
    return estimated.run(connection, name).to_arrow_table()


def time_to_hire(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """Incidence of hire by scope: Aalen-Johansen with late entry."""
    groups, subjects = query(connection, "hire_groups"), query(connection, "hire_subjects")
    counts = count_exits(subjects)
    columns: dict[str, Any] = {name: groups[name] for name in groups.column_names if name != "id"}
    names = [f"incidence_{d}{s}" for d in HORIZONS for s in ("", "_low", "_high")]
    names.append("half_incidence_days")
    estimates = {name: np.full(len(groups), np.nan) for name in names}
    if len(counts.group):
        present, counts = _dense(groups, counts)
        counts = curves.settled(counts, SMALLEST_RISK_SET)
        for name, values in hire_estimates(counts).items():
            estimates[name][present] = values
    rows = pa.table(columns | _nullable(estimates) | _risk_set(len(groups)))
    return {"time_to_hire": rows}


def hire_estimates(counts: Counts) -> dict[str, Floats]:
    """Per group the incidence at each horizon with its interval, and when half of the last is
    reached. NaN beyond what was followed."""
    risen = curves.incidence(counts)
    survival, _ = curves.kaplan_meier(counts)
    ends = np.append(counts.starts[1:], len(counts.bin)) - 1
    estimates: dict[str, Floats] = {}
    for days in HORIZONS:
        rows = rows_at(counts, days * BINS_A_DAY)
        at, low, high = curves.incidence_interval(counts, rows)
        known = (counts.bin[ends] >= days * BINS_A_DAY) | (survival[ends] == 0)
        for suffix, values in (("", at), ("_low", low), ("_high", high)):
            estimates[f"incidence_{days}{suffix}"] = np.where(known, values, np.nan)
    goal = estimates[f"incidence_{HORIZONS[-1]}"] / 2
    reached = (risen >= goal[counts.group] - ROUNDING) & (goal > 0)[counts.group]
    estimates["half_incidence_days"] = first_days(reached, counts)
    return estimates


def time_in_stage(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """Stay in a stage by scope: Kaplan-Meier, open visits censored at as_of. And its curves."""
    groups, subjects = query(connection, "stay_groups"), query(connection, "stay_subjects")
    counts = count_exits(subjects)
    columns: dict[str, Any] = {name: groups[name] for name in groups.column_names if name != "id"}
    estimates = {name: np.full(len(groups), np.nan) for name in STAY_MEDIAN}
    curve = STAY_CURVE.empty_table()
    if len(counts.group):
        present, counts = _dense(groups, counts)
        counts = curves.from_day_0(counts)
        for name, values in stay_estimates(counts).items():
            estimates[name][present] = values
        curve = stay_curve(groups.take(present), counts)
    naive = groups["median_days_finished"].to_numpy()
    estimates["bias_days"] = estimates["median_days"] - naive
    rows = pa.table(columns | _nullable(estimates) | _risk_set(len(groups)))
    return {"time_in_stage": rows, "time_in_stage_curve": curve}


def stay_estimates(counts: Counts) -> dict[str, Floats]:
    """Per group the days by which half have left, with the interval. NaN where a curve or a bound
    does not get there."""
    return {
        name: first_days(values <= 0.5 + ROUNDING, counts)
        for name, values in zip(STAY_MEDIAN, curves.survival_interval(counts), strict=True)
    }


def stay_curve(groups: pa.Table, counts: Counts) -> pa.Table:
    """The rows that draw the curve of each group; of a job's stage only with enough stays."""
    scope = groups["scope"].to_numpy(zero_copy_only=False)
    parts = np.array([PARTS[each] for each in scope])
    enough = (scope == "all") | (counts.at_risk[counts.starts] >= SMALLEST_RISK_SET)
    survival, low, high = curves.survival_interval(counts)
    kept = curves.steps(survival, counts, parts) & enough[counts.group]
    named = groups.select(STAY_CURVE.names[:3]).take(counts.group[kept])
    day, at_risk = counts.bin[kept] / float(BINS_A_DAY), counts.at_risk[kept]
    values = (day, at_risk, survival[kept], low[kept], high[kept])
    drawn = (pa.array(each, from_pandas=True) for each in values)
    return pa.table([*named.columns, *drawn], schema=STAY_CURVE)


def count_exits(subjects: pa.Table) -> Counts:
    """Count per bin the n subjects of an id, entry_bin, exit_bin and cause.

    Causes are 0 none, 1 of interest, 2 other. At risk in the bins entry_bin < b <= exit_bin. Group
    and bin are one number, in whose order everyone who came leaves again: so sums over all groups
    need no restart.
    """
    group, entry, exit_, cause, n = (
        subjects[name].to_numpy().astype(np.int64)
        for name in ("id", "entry_bin", "exit_bin", "cause", "n")
    )
    bins = int(exit_.max(initial=0)) + 1
    key, row = np.unique(group * bins + exit_, return_inverse=True)
    gone, events, others = (
        np.bincount(row, np.where(counted, n, 0), len(key)).astype(np.int64)
        for counted in (cause >= 0, cause == 1, cause == 2)
    )
    first, row = np.unique(group * bins + entry + 1, return_inverse=True)
    entered = np.concatenate([[0], np.cumsum(np.bincount(row, n, len(first))).astype(np.int64)])
    at_risk = entered[np.searchsorted(first, key, side="right")] - (np.cumsum(gone) - gone)
    return Counts(key // bins, key % bins, at_risk, events, others)


def first_days(reached: NDArray[np.bool_], counts: Counts) -> Floats:
    """Per group the days at the first row that is marked; NaN when none is."""
    position = np.where(reached, np.arange(len(reached)), len(reached))
    first = np.minimum.reduceat(position, counts.starts)
    return np.where(
        first < len(reached),
        counts.bin[np.minimum(first, len(reached) - 1)] / float(BINS_A_DAY),
        np.nan,
    )


def rows_at(counts: Counts, bin_: int) -> Ints:
    """Per group its last row up to a bin; the row before its first when there is none."""
    inside = np.add.reduceat((counts.bin <= bin_).astype(np.int64), counts.starts)
    return np.asarray(counts.starts + inside - 1)


def _dense(groups: pa.Table, counts: Counts) -> tuple[Ints, Counts]:
    """Where the groups that have counts stand, and the counts with groups numbered 0, 1, …"""
    ids = counts.group[counts.starts]
    dense = np.repeat(np.arange(len(ids)), np.diff(counts.starts, append=len(counts.group)))
    numbered = Counts(dense, counts.bin, counts.at_risk, counts.events, counts.others)
    return np.searchsorted(groups["id"].to_numpy(), ids), numbered


def _nullable(columns: dict[str, Floats]) -> dict[str, pa.Array]:
    return {name: pa.array(values, from_pandas=True) for name, values in columns.items()}


def _risk_set(rows: int) -> dict[str, pa.Array]:
    return {"smallest_risk_set": pa.array(np.full(rows, SMALLEST_RISK_SET))}


# The longest last: by then the others' tables are written.
MAKERS: dict[str, Callable[[duckdb.DuckDBPyConnection], dict[str, pa.Table]]] = {
    "score_calibration": calibration.score_calibration,
    "time_to_hire": time_to_hire,
    "time_in_stage": time_in_stage,
}
