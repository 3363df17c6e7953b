"""95 % intervals of probabilities. Numpy in and out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z95 = 1.959963984540054


def wilson(p: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Wilson's score interval (1927) of a share p of n, as macros/wilson.sql has it; n > 0."""
    z2 = Z95 * Z95
    half = Z95 * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = ((p + z2 / (2 * n) + side) / (1 + z2 / n) for side in (-half, half))
    return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)


def log_log_interval(p: Floats, error_of_log: Floats) -> tuple[Floats, Floats]:
    """Interval of a probability on the log(-log) scale: p ** exp(±z se / log p).

    `error_of_log` is the standard error of log p. A probability of 0 or 1 has no width.
    """
    inside = (p > 0) & (p < 1)
    width = np.zeros_like(p)
    logs = np.log(np.where(inside, p, 0.5))
    width[inside] = (Z95 * error_of_log / -logs)[inside]
    low = np.where(inside, np.exp(logs * np.exp(width)), p)
    high = np.where(inside, np.exp(logs * np.exp(-width)), p)
    return low, high


def t95(freedom: float) -> float:
    """97.5 % quantile of Student's t (Abramowitz and Stegun 26.7.5): within 1 % from 3 degrees."""
    z = Z95
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
