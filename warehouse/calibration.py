"""How well scores known before leaving screening tell who advances and who is hired."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from warehouse import estimated, intervals
from warehouse.auc import Floats, Ints, auc

KINDS = ("total_score", "ai_score", "interview_score", "questions_score")
COUNTS = ("applications", "advanced", "decided", "hired")
BANDS = 5


def score_calibration(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """A row per kind of score and band: 0 unscored, 1 to 5 the fifths of the scores by rank."""
    counted = estimated.run(connection, "screened_scores").to_arrow_table()
    kinds = counted["score_kind"].to_numpy(zero_copy_only=False)
    scores = counted["score"].to_numpy().astype(np.float64)
    counts = {name: counted[name].to_numpy() for name in COUNTS}
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        own = kinds == kind
        rows += _rows(kind, scores[own], {name: count[own] for name, count in counts.items()})
    return {"score_calibration": pa.Table.from_pylist(rows, schema=_schema())}


def bands(scores: Floats, counts: Ints) -> Ints:
    """Fifths by rank of scores in order, of which there are so many; 0 where there is no score."""
    known = np.where(np.isnan(scores), 0, counts)
    below = np.cumsum(known) - known
    return np.where(np.isnan(scores), 0, below * BANDS // max(int(known.sum()), 1) + 1)


def _rows(kind: str, scores: Floats, counts: dict[str, Ints]) -> list[dict[str, Any]]:
    band = bands(scores, counts["applications"])
    applications, advanced, decided, hired = (counts[name][band > 0] for name in COUNTS)
    areas = _area("advanced", auc(advanced, applications - advanced))
    areas |= _area("hired", auc(hired, decided - hired))
    return [
        {"score_kind": kind, "band": int(number)}
        | _range(scores[band == number])
        | _band({name: int(values[band == number].sum()) for name, values in counts.items()})
        | areas
        for number in np.unique(band)
    ]


def _band(counts: dict[str, int]) -> dict[str, Any]:
    return (
        counts
        | _rate("advanced", counts["advanced"], counts["applications"])
        | _rate("hired", counts["hired"], counts["decided"])
    )


def _rate(name: str, k: int, n: int) -> dict[str, float | None]:
    low, high = wilson(k, n)
    return {f"{name}_rate": k / n if n else None, f"{name}_low": low, f"{name}_high": high}


def wilson(k: int, n: int) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval of k of n; nulls of none."""
    if n == 0:
        return None, None
    low, high = intervals.wilson(np.array(k / n), np.array(float(n)))
    return float(low), float(high)


def _area(name: str, area: tuple[float, float, float] | None) -> dict[str, float | None]:
    names = (f"auc_{name}", f"auc_{name}_low", f"auc_{name}_high")
    return dict(zip(names, area or (None, None, None), strict=True))


def _range(scores: Floats) -> dict[str, float | None]:
    if np.isnan(scores).any():
        return {"score_low": None, "score_high": None}
    return {"score_low": float(scores.min()), "score_high": float(scores.max())}


def _schema() -> pa.Schema:
    numbers = ("band", *COUNTS)
    names = (
        *("score_kind", "band", "score_low", "score_high", "applications", "advanced"),
        *("advanced_rate", "advanced_low", "advanced_high", "decided", "hired"),
        *("hired_rate", "hired_low", "hired_high", "auc_advanced", "auc_advanced_low"),
        *("auc_advanced_high", "auc_hired", "auc_hired_low", "auc_hired_high"),
    )
    types = {name: pa.int64() if name in numbers else pa.float64() for name in names}
    return pa.schema(types | {"score_kind": pa.string()})
