"""Area under the ROC curve with DeLong's interval."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from warehouse.intervals import t95, wilson

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

    Variance: DeLong, DeLong and Clarke-Pearson 1988, by midranks (Sun and Xu 2014). The interval
    is on the logit scale (the plain one holds 0.97 too seldom), with Student's t of Satterthwaite's
    degrees of freedom (Brunner and Munzel 2000: the plain one fails with few of a kind). Where the
    scores show no variance at all: Wilson's of the smaller kind.
    """
    m, n = int(positive.sum()), int((~positive).sum())
    if m < 2 or n < 2:
        return None
    ranks = midranks(scores)
    area = float((ranks[positive].sum() - m * (m + 1) / 2.0) / (m * n))
    by_positive = (ranks[positive] - midranks(scores[positive])) / n
    by_negative = 1.0 - (ranks[~positive] - midranks(scores[~positive])) / m
    parts = float(by_positive.var(ddof=1)) / m, float(by_negative.var(ddof=1)) / n
    if sum(parts) == 0 or area in (0.0, 1.0):
        low, high = wilson(np.array(area), np.array(float(min(m, n))))
        return area, float(low), float(high)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (m - 1) + parts[1] ** 2 / (n - 1))
    middle = log(area / (1 - area))
    half = t95(freedom) * sqrt(sum(parts)) / (area * (1 - area))
    return area, 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle))
