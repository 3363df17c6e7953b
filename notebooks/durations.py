"""Durations by group: median with its interval, 90th percentile, count."""

from __future__ import annotations

import numpy as np
import pandas as pd

from notebooks.intervals import median_interval

COLUMNS = ["hired", "median", "low", "high", "p90"]


def summary(days: pd.Series) -> dict[str, float | int | None]:
    """median, low, high (95 %), p90 in days and the count; percentiles are interpolated."""
    ordered = np.sort(days.dropna().to_numpy(dtype=float))
    if not len(ordered):
        return {"hired": 0, "median": None, "low": None, "high": None, "p90": None}
    interval = median_interval(ordered.tolist())
    low, high = interval if interval else (None, None)
    median, p90 = (float(np.percentile(ordered, at)) for at in (50, 90))
    return {"hired": len(ordered), "median": median, "low": low, "high": high, "p90": p90}


def by_group(data: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row per value of `by`, in order of first appearance. data: columns `by` and `days`."""
    rows = [{by: name, **summary(group["days"])} for name, group in data.groupby(by, sort=False)]
    return pd.DataFrame(rows, columns=[by, *COLUMNS]).astype(dict.fromkeys(COLUMNS[1:], float))
