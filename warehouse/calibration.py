"""How well scores known before leaving screening tell who advances and who is hired."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from warehouse import intervals
from warehouse.auc import auc

QUERY = Path(__file__).parent / "estimates" / "screened_scores.sql"
KINDS = ("total_score", "ai_score", "interview_score", "questions_score")
BANDS = 5
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def score_calibration(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """A row per kind of score and band: 0 unscored, 1 to 5 the fifths of the scores by rank."""
    applications = connection.execute(QUERY.read_text()).to_arrow_table()
    flags = {
        name: applications[name].to_numpy().astype(bool)
        for name in ("has_advanced", "is_decided", "is_hired")
    }
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        scores = applications[kind].to_numpy().astype(np.float64)
        order = np.argsort(scores)  # sums of ranks are then the same in whatever order rows came
        rows += _rows(kind, scores[order], {name: flag[order] for name, flag in flags.items()})
    return {"score_calibration": pa.Table.from_pylist(rows, schema=_schema())}


def bands(scores: Floats) -> NDArray[np.int64]:
    """Fifths by rank, equal scores in one; 0 where there is no score."""
    known = ~np.isnan(scores)
    found = np.zeros(len(scores), dtype=np.int64)
    ordered = np.sort(scores[known])
    below = np.searchsorted(ordered, scores[known], side="left")
    found[known] = below * BANDS // max(len(ordered), 1) + 1
    return found


def _rows(kind: str, scores: Floats, flags: dict[str, Flags]) -> list[dict[str, Any]]:
    known, band = ~np.isnan(scores), bands(scores)
    decided = known & flags["is_decided"]
    areas = _area("advanced", auc(scores[known], flags["has_advanced"][known]))
    areas |= _area("hired", auc(scores[decided], flags["is_hired"][decided]))
    return [
        {"score_kind": kind, "band": int(number)}
        | _range(scores[band == number])
        | _band({name: values[band == number] for name, values in flags.items()})
        | areas
        for number in np.unique(band)
    ]


def _band(flags: dict[str, Flags]) -> dict[str, Any]:
    decided = flags["is_decided"]
    counts = {
        "applications": len(decided),
        "advanced": int(flags["has_advanced"].sum()),
        "decided": int(decided.sum()),
        "hired": int((flags["is_hired"] & decided).sum()),
    }
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
    numbers = ("band", "applications", "advanced", "decided", "hired")
    names = (
        *("score_kind", "band", "score_low", "score_high", "applications", "advanced"),
        *("advanced_rate", "advanced_low", "advanced_high", "decided", "hired"),
        *("hired_rate", "hired_low", "hired_high", "auc_advanced", "auc_advanced_low"),
        *("auc_advanced_high", "auc_hired", "auc_hired_low", "auc_hired_high"),
    )
    types = {name: pa.int64() if name in numbers else pa.float64() for name in names}
    return pa.schema(types | {"score_kind": pa.string()})
