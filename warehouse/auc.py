"""Area under the ROC curve with DeLong's interval, from counts by score."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from warehouse.intervals import t95, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def auc(positive: Ints, negative: Ints) -> tuple[float, float, float] | None:
    """AUC, lower and upper end of its 95 % interval; None without two of each kind.

    positive, negative: how many of either kind have each score, from the lowest score to the
    highest.

    Variance: DeLong, DeLong and Clarke-Pearson 1988: of the shares of the other kind that a score
    beats, a tie by half. The interval is on the logit scale (the plain one holds 0.97 too seldom),
    with Student's t of Satterthwaite's degrees of freedom (Brunner and Munzel 2000: the plain one
    fails with few of a kind). Where the scores show no variance at all: Wilson's of the smaller
    kind.
    """
    m, n = int(positive.sum()), int(negative.sum())
    if m < 2 or n < 2:
        return None
    beaten = _below(negative) / n
    area = float(positive @ beaten) / m
    parts = _variance(beaten, positive) / m, _variance(_below(positive) / m, negative) / n
    if sum(parts) == 0 or area in (0.0, 1.0):
        low, high = wilson(np.array(area), np.array(float(min(m, n))))
        return area, float(low), float(high)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (m - 1) + parts[1] ** 2 / (n - 1))
    middle = log(area / (1 - area))
    half = t95(freedom) * sqrt(sum(parts)) / (area * (1 - area))
    return area, 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle))


def _below(counts: Ints) -> Floats:
    """How many have a lower score, and half of those that have the same."""
    return np.asarray(np.cumsum(counts) - counts / 2)


def _variance(values: Floats, counts: Ints) -> float:
    """Sample variance of values that are there so many times."""
    total = int(counts.sum())
    return float(counts @ (values - counts @ values / total) ** 2) / (total - 1)
