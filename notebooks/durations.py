"""Durations by group: median with its interval, 90th percentile, count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import pandas as pd

from notebooks.intervals import median_interval

COLUMNS = ["n", "median", "low", "high", "p90"]


def summary(days: pd.Series) -> dict[str, float | int | None]:
    """median, low, high (95 %), p90 in days and the count; percentiles are interpolated."""
    ordered = np.sort(days.dropna().to_numpy(dtype=float))
    if not len(ordered):
        return {"n": 0, "median": None, "low": None, "high": None, "p90": None}
    interval = median_interval(ordered.tolist())
    low, high = interval if interval else (None, None)
    median, p90 = (float(np.percentile(ordered, at)) for at in (50, 90))
    return {"n": len(ordered), "median": median, "low": low, "high": high, "p90": p90}


def by_group(data: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row per value of `by`, in order of first appearance. data: columns `by` and `days`."""
    rows = [{by: name, **summary(group["days"])} for name, group in data.groupby(by, sort=False)]
    return pd.DataFrame(rows, columns=[by, *COLUMNS]).astype(dict.fromkeys(COLUMNS[1:], float))


def incidences(row: pd.DataFrame) -> pd.DataFrame:
    """The horizons of one row of time_to_hire as rows: days, share, low, high; from 0 days on."""
    rows = [{"days": 0, "share": 0.0, "low": 0.0, "high": 0.0}]
    for days in (30, 60, 90, 180) if len(row) else ():
        ends = {end: row[f"incidence_{days}_{end}"].iloc[0] for end in ("low", "high")}
        rows.append({"days": days, "share": row[f"incidence_{days}"].iloc[0], **ends})
    return pd.DataFrame(rows).astype({"share": float, "low": float, "high": float})


def histogram(days: pd.Series, most: int = 24) -> pd.DataFrame:
    """Counts in bins of whole days: from_day, to_day (not included), count; at most `most` bins."""
    if not len(days):
        return pd.DataFrame({"from_day": [], "to_day": [], "count": []})
    longest = float(days.max())
    step = next(size for size in _steps() if longest / size < most)
    edges = np.arange(0, longest + 2 * step, step)
    counts, _ = np.histogram(days.to_numpy(dtype=float), bins=edges)
    bins = pd.DataFrame({"from_day": edges[:-1], "to_day": edges[1:], "count": counts})
    return bins[bins["from_day"] <= longest].astype(int)


def _steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 … days."""
    for tens in count():
        yield from (size * 10**tens for size in (1, 2, 5))
