"""Area under the ROC curve with DeLong's interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from warehouse.curves import Z95

Floats = NDArray[np.float64]


def midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ends = np.concatenate([first[1:], [len(values)]])
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((first + 1 + ends) / 2.0, ends - first)
    return ranks


def auc(scores: Floats, positive: NDArray[np.bool_]) -> tuple[float, float, float] | None:
    """AUC, lower and upper end of its 95 % interval; None without two of each kind.

    DeLong, DeLong and Clarke-Pearson 1988, by midranks (Sun and Xu 2014); the normal interval
    is cut to 0..1.
    """
    m, n = int(positive.sum()), int((~positive).sum())
    if m < 2 or n < 2:
        return None
    ranks = midranks(scores)
    area = (ranks[positive].sum() - m * (m + 1) / 2.0) / (m * n)
    by_positive = (ranks[positive] - midranks(scores[positive])) / n
    by_negative = 1.0 - (ranks[~positive] - midranks(scores[~positive])) / m
    variance = by_positive.var(ddof=1) / m + by_negative.var(ddof=1) / n
    half = Z95 * float(np.sqrt(variance))
    return float(area), max(0.0, float(area) - half), min(1.0, float(area) + half)
