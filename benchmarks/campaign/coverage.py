"""Do 95 % intervals hold the truth in 95 of 100 samples? The estimators alone, no pipeline.

Samples come from the distributions of simulator/flows.py, of which the truth is known in closed
form: a stay is lognormal, what ends it is drawn apart from it, so that the incidence of a cause
of chance p is p x the distribution of the stay; scores are beta; as_of cuts what is not over, and
before the hook was connected nothing was seen. A trial is 1,000 samples of every case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import exp, lgamma, log
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pyarrow as pa
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.campaign.audit import Verdict
from simulator.flows import SPREAD
from warehouse import curves, estimators
from warehouse.auc import auc
from warehouse.calibration import wilson

SAMPLES = 1000
LEAST, MOST = 0.92, 0.98
FEW = 5  # with fewer expected events whole numbers leave no interval near 95 %: it may hold more
DAY = 86_400_000_000  # microseconds
Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]


@dataclass(frozen=True)
class Stay:
    """`n` stays of median `days`, seen in a window: entered on days -`before` to `followed`.

    Those that ended before day 0 are not seen; what is not over on day `followed` is open.
    ends: the chance of the cause of interest.
    """

    n: int
    days: float
    ends: float = 1.0
    followed: float = 365.0
    before: float = 0.0

    def incidence(self, day: float) -> float:
        return self.ends * NormalDist().cdf(log(day / self.days) / SPREAD)

    def subjects(self, chance: Generator, samples: int) -> pa.Table:
        """Stays as estimates/hire_subjects.sql gives them; id: the sample."""
        entered, stay = self._seen(chance, samples * self.n)
        left = np.minimum(entered + stay, self.followed * DAY)
        cause = np.where(chance.random(len(stay)) < self.ends, 1, 2)
        is_late = entered < 0
        return pa.table(
            {
                "id": np.repeat(np.arange(samples), self.n),
                "entry_bin": np.where(is_late, -entered // (DAY // 10), -1).astype(np.int64),
                "exit_bin": -((entered - left) // (DAY // 10)).astype(np.int64),
                "cause": np.where(entered + stay > self.followed * DAY, 0, cause),
                "n": np.ones(len(stay), dtype=np.int64),
            }
        )

    def counts(self, chance: Generator, samples: int) -> curves.Counts:
        return estimators.count_exits(self.subjects(chance, samples))

    def _seen(self, chance: Generator, wanted: int) -> tuple[Floats, Floats]:
        entered, stay = np.empty(0), np.empty(0)
        while len(entered) < wanted:
            new = np.floor(chance.uniform(-self.before, self.followed, wanted) * DAY)
            length = np.ceil(chance.lognormal(log(self.days), SPREAD, wanted) * DAY)
            entered = np.append(entered, new[new + length > 0])
            stay = np.append(stay, length[new + length > 0])
        return entered[:wanted], stay[:wanted]


@dataclass(frozen=True)
class Share:
    """What a case found: intervals that hold the truth, of those that were given."""

    case: str
    held: int
    given: int
    most: float = MOST

    @property
    def is_good(self) -> bool:
        return LEAST <= self.held / self.given <= self.most

    def __str__(self) -> str:
        return f"{self.case}: {self.held / self.given:.3f} of {self.given}"


def coverage(folder: Path, seeds: range, samples: int = SAMPLES) -> Iterator[Verdict]:
    """A verdict a seed. acked: intervals; wrong: cases that hold the truth too seldom or often."""
    del folder  # nothing is written
    for seed in seeds:
        shares = list(cases(np.random.default_rng(seed), samples))
        for share in shares:
            print(f"  {share}{'' if share.is_good else '  <-'}")
        wrong = sum(not share.is_good for share in shares)
        yield Verdict(sum(share.given for share in shares), len(shares), 0, wrong)


def cases(chance: Generator, samples: int) -> Iterator[Share]:
    for k, n in ((0.05, 100), (0.35, 10), (0.4, 30), (0.55, 100), (0.85, 30), (0.5, 1000)):
        drawn = chance.binomial(n, k, samples)
        yield _share(f"Wilson {k} of {n}", k, _each(lambda hits, n=n: wilson(hits, n), drawn))
    for stay in (Stay(50, 4), Stay(300, 14), Stay(50, 14, followed=30), Stay(300, 5, followed=14)):
        yield from _stays(stay, chance, samples)
    for hire in (
        Stay(50, 5, 0.4),
        Stay(300, 14, 0.85),
        Stay(300, 20, 0.05),
        Stay(40, 20, 0.05),
        Stay(20, 5, 0.1),
        Stay(200, 10, 0.02),
        Stay(300, 20, 0.3, followed=120),
        Stay(300, 20, 0.3, followed=120, before=60),
        Stay(1000, 14, 0.1, followed=365, before=60),
    ):
        yield from _hires(hire, chance, samples)
    for high, low, m, n in (
        ((4, 2), (4, 2), 30, 100),
        ((5, 3), (4, 2), 20, 20),
        ((8, 2), (4, 2), 20, 200),
        ((9, 1), (3, 3), 15, 100),
        ((8, 2), (4, 2), 5, 50),
    ):
        yield _areas(high, low, (m, n), chance, samples)


def _stays(stay: Stay, chance: Generator, samples: int) -> Iterator[Share]:
    """Median of the stay, and the share that is still there on days around it."""
    counts = stay.counts(chance, samples)
    name = f"Kaplan-Meier, {stay.n} stays of {stay.days} days seen for {stay.followed:.0f}"
    yield medians(name, stay.days, counts)
    _, *bounds = curves.survival_interval(counts)
    for day in (stay.days / 2, stay.days * 2):
        rows = estimators.rows_at(counts, round(day * 10))
        there = tuple(ends[rows] for ends in bounds)
        yield _share(f"{name}: on day {day}", 1 - stay.incidence(day), (there[0], there[1]))


def medians(name: str, days: float, counts: curves.Counts) -> Share:
    found = estimators.stay_estimates(counts)
    high = np.nan_to_num(found["median_days_high"], nan=np.inf)
    return _share(f"{name}: median", days, (found["median_days_low"], high))


def _hires(hire: Stay, chance: Generator, samples: int) -> Iterator[Share]:
    counts = curves.settled(hire.counts(chance, samples), estimators.SMALLEST_RISK_SET)
    found = estimators.hire_estimates(counts)
    late = f", from {hire.before:.0f} days before" if hire.before else ""
    name = f"Aalen-Johansen, {hire.n} of {hire.days} days, {hire.ends} hired"
    for day in (30, 90):
        bounds = found[f"incidence_{day}_low"], found[f"incidence_{day}_high"]
        truth = hire.incidence(day)
        share = _share(f"{name}, seen for {hire.followed:.0f}{late}: on day {day}", truth, bounds)
        yield replace(share, most=1.0) if hire.n * truth < FEW else share


def _areas(
    high: tuple[int, int],
    low: tuple[int, int],
    sizes: tuple[int, int],
    chance: Generator,
    samples: int,
) -> Share:
    positive = np.arange(sum(sizes)) < sizes[0]

    def bounds(_: int) -> tuple[float, float]:
        scores = np.where(
            positive, chance.beta(*high, sum(sizes)), chance.beta(*low, sum(sizes))
        ).round(3)
        area = auc(*by_score(scores, positive))
        assert area is not None
        return area[1], area[2]

    truth = _chance_of_more(high, low)
    name = f"DeLong, area {truth:.3f}, {sizes[0]} and {sizes[1]} scores"
    return _share(name, truth, _each(bounds, np.arange(samples)))


def by_score(scores: Floats, positive: NDArray[np.bool_]) -> tuple[NDArray[np.int64], ...]:
    """How many are positive and how many are not of each score, in order of scores."""
    values, place = np.unique(scores, return_inverse=True)
    return tuple(np.bincount(place[kind], minlength=len(values)) for kind in (positive, ~positive))


def _chance_of_more(high: tuple[int, int], low: tuple[int, int]) -> float:
    """P(X > Y) for X beta(a, b), Y beta(c, d): the integral of a polynomial, whole parameters."""
    x = np.linspace(0, 1, 200_001)
    below = np.cumsum(_beta(x, *low)) * (x[1] - x[0]) - _beta(x, *low) * (x[1] - x[0]) / 2
    return float(np.trapezoid(_beta(x, *high) * below, x))


def _beta(x: Floats, a: int, b: int) -> Floats:
    return np.asarray(
        x ** (a - 1) * (1 - x) ** (b - 1) * exp(lgamma(a + b) - lgamma(a) - lgamma(b))
    )


def _each(of: Callable[[int], tuple[float | None, float | None]], drawn: object) -> Bounds:
    pairs = np.array([of(int(one)) for one in drawn], dtype=np.float64)  # type: ignore[attr-defined]
    return pairs[:, 0], pairs[:, 1]


def _share(case: str, truth: float, bounds: Bounds) -> Share:
    low, high = bounds
    given = ~np.isnan(low)
    held = given & (low <= truth + 1e-12) & (truth <= high + 1e-12)
    return Share(case, int(held.sum()), int(given.sum()))
