"""Intervals for figures that the page sums or sorts itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, nan, sqrt

import pandas as pd

Z = 1.959963984540054  # the 97.5 % quantile of the normal distribution: 95 % two-sided


def wilson(k: int, n: int) -> tuple[float, float] | None:
    """The 95 % Wilson score interval of k successes in n trials; None for n = 0.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22, 209-212.
    """
    if n == 0:
        return None
    share, z2 = k / n, Z * Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return low, high


def median_interval(ordered: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of a median from order statistics; None below 6 values.

    Distribution-free: the narrowest symmetric pair of ranks whose coverage, by the binomial
    distribution with p = 1/2, is at least 95 %. With fewer than 6 values no pair reaches it.
    Source: Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    n = len(ordered)
    if n < 6:
        return None
    rank = _lower_rank(n)
    return ordered[rank - 1], ordered[n - rank]


def _lower_rank(n: int) -> int:
    """The largest r with P(Binomial(n, 1/2) < r) <= 2.5 %."""
    if n > 1000:  # exact sums of big integers get slow; the normal approximation is within a rank
        return int(n / 2 - Z * sqrt(n) / 2)
    tail, rank = 0, 0
    while (tail + comb(n, rank)) * 40 <= 1 << n:
        tail += comb(n, rank)
        rank += 1
    return rank


def with_rates(data: pd.DataFrame, k: str, n: str) -> pd.DataFrame:
    """The table with rate, low and high of column k over column n; null where n is 0."""
    pairs = [(int(a), int(b)) for a, b in zip(data[k], data[n], strict=True)]
    intervals = [wilson(a, b) or (nan, nan) for a, b in pairs]
    return data.assign(
        rate=[a / b if b else nan for a, b in pairs],
        low=[low for low, _ in intervals],
        high=[high for _, high in intervals],
    )
