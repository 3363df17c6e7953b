"""Survival curves and competing risks from counts, many groups at once. Numpy in and out.

Times are whole bins. A subject of entry bin e and exit bin x is at risk in the bins e < b <= x;
without late entry e is -1. All sums run in order of group and bin, so they are repeatable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from warehouse.intervals import log_log_interval, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDING = 1e-9  # a curve that stands at a bound stands there, whatever its last digit


@dataclass(frozen=True, eq=False)  # told apart as objects: what is made of them is kept
class Counts:
    """One row per group and bin with an exit, sorted by group and bin.

    group: 0, 1, … without a gap. at_risk: subjects at risk. events: those that end by the cause
    of interest. others: those that end by a competing one (zeros for a plain survival curve).
    """

    group: Ints
    bin: Ints
    at_risk: Ints
    events: Ints
    others: Ints

    @cached_property
    def starts(self) -> Ints:
        """Row at which each group begins."""
        return np.flatnonzero(np.diff(self.group, prepend=-1)).astype(np.int64)


def settled(counts: Counts, smallest: int) -> Counts:
    """Without the events before a group's risk set first holds `smallest` subjects.

    With late entry a first event among very few would drive a curve to 0 for good. A group that
    never holds so many keeps its events from its largest risk set on.
    """
    largest = np.maximum.reduceat(counts.at_risk, counts.starts)
    enough = counts.at_risk >= np.minimum(smallest, largest)[counts.group]
    begun = within_groups(enough.astype(np.float64), counts) > 0
    return Counts(
        counts.group,
        counts.bin,
        counts.at_risk,
        np.where(begun, counts.events, 0),
        np.where(begun, counts.others, 0),
    )


def within_groups(values: Floats, counts: Counts) -> Floats:
    """Running sums that start anew in each group: they know nothing of what else is computed."""
    sums = pd.Series(values).groupby(counts.group, sort=False).cumsum()
    return np.asarray(sums, dtype=np.float64)


def shifted(values: Floats, counts: Counts, first: float) -> Floats:
    """Each row's former value in its group; `first` in its first row."""
    before = np.concatenate([[first], values[:-1]])
    before[counts.starts] = first
    return np.asarray(before)


@lru_cache(maxsize=2)  # of hires and of stays, which are made side by side
def kaplan_meier(counts: Counts) -> tuple[Floats, Floats]:
    """Survival S after each row and the standard error of log S (Greenwood).

    S = prod(1 - d/n); var(log S) = sum d / (n (n - d)), Kaplan and Meier 1958, Greenwood 1926.
    """
    d, n = (counts.events + counts.others).astype(np.float64), counts.at_risk.astype(np.float64)
    last = d >= n
    dead = within_groups(last.astype(np.float64), counts) > 0
    factors = np.log1p(-np.where(last, 0.0, d / n))
    survival = np.where(dead, 0.0, np.exp(within_groups(factors, counts)))
    terms = np.divide(d, n * (n - d), out=np.zeros_like(d), where=~last)
    return survival, np.sqrt(within_groups(terms, counts))


def from_day_0(counts: Counts) -> Counts:
    """With a row at bin 0 in each group, whether anyone leaves then or not. For no late entry."""
    first = counts.starts[counts.bin[counts.starts] > 0]
    nothing = np.zeros_like(first)
    added = (counts.group[first], nothing, counts.at_risk[first], nothing, nothing)
    rows = (counts.group, counts.bin, counts.at_risk, counts.events, counts.others)
    return Counts(*(np.insert(row, first, new) for row, new in zip(rows, added, strict=True)))


def steps(survival: Floats, counts: Counts, parts: Ints) -> NDArray[np.bool_]:
    """The rows that draw a curve: the first and the last of each group, and each at which it
    comes into another of `parts` equal parts of 0 to 1.

    So between two of them the curve falls by less than 1 / parts. parts: per group.
    """
    part = np.floor(survival * parts[counts.group] + ROUNDING)
    kept = part != shifted(part, counts, -1.0)
    kept[np.append(counts.starts[1:], len(kept)) - 1] = True
    return np.asarray(kept)


@lru_cache(maxsize=1)
def incidence(counts: Counts) -> Floats:
    """Cumulative incidence of the cause of interest after each row (Aalen and Johansen 1978).

    F = sum S(t-) d1/n, S the survival from all causes.
    """
    survival, _ = kaplan_meier(counts)
    rises = shifted(survival, counts, 1.0) * counts.events / counts.at_risk
    return within_groups(rises, counts)


def incidence_error(counts: Counts, rows: Ints) -> Floats:
    """Standard error of the incidence after the given row of each group.

    Greenwood's way for competing risks (Andersen et al. 1993, 4.4.3): each row j adds
    S(j-)²/n² [d1 (1-c)² + d2 c² - (d1 (1-c) - d2 c)²/n], with c = (F(t) - F(j)) / S(j) the
    chance of the cause of interest by t for those who are left after j.
    """
    d1, d2 = counts.events.astype(np.float64), counts.others.astype(np.float64)
    n = counts.at_risk.astype(np.float64)
    survival, _ = kaplan_meier(counts)
    risen = incidence(counts)
    rest = risen[rows][counts.group] - risen
    chance = np.divide(rest, survival, out=np.zeros_like(rest), where=survival > 0)
    own, other = d1 * (1 - chance), d2 * chance
    spread = own * (1 - chance) + other * chance - (own - other) ** 2 / n
    terms = (shifted(survival, counts, 1.0) / n) ** 2 * spread
    terms[np.arange(len(terms)) > rows[counts.group]] = 0.0
    return np.sqrt(np.maximum(np.add.reduceat(terms, counts.starts), 0.0))


@lru_cache(maxsize=1)
def survival_interval(counts: Counts) -> tuple[Floats, Floats, Floats]:
    """Survival after each row and its 95 % interval, on the log(-log) scale.

    That scale has no width at 0 and 1. So while no one has left, the lower end is Wilson's of all
    that are at risk; when no one is left, the upper end stays what it was.
    """
    survival, error = kaplan_meier(counts)
    low, high = log_log_interval(survival, error)
    low = np.where(survival == 1, wilson(survival, counts.at_risk.astype(np.float64))[0], low)
    row = np.arange(len(survival))
    last = np.maximum.accumulate(np.where(survival > 0, row, -1))
    before = np.where(last >= counts.starts[counts.group], high[last], 1.0)
    return survival, low, np.where(survival > 0, high, before)


def incidence_interval(counts: Counts, rows: Ints) -> tuple[Floats, Floats, Floats]:
    """Incidence after the given row of each group (0 where it lies before the group) and its 95 %
    interval, on the log(-log) scale; at 0 and 1 Wilson's of those of whom it is known."""
    at, inside = np.zeros(len(rows)), rows >= counts.starts
    rows = np.maximum(rows, counts.starts)
    at[inside] = incidence(counts)[rows][inside]
    error = incidence_error(counts, rows)
    low, high = log_log_interval(at, np.divide(error, at, out=np.zeros_like(at), where=at > 0))
    gone = (counts.events + counts.others).astype(np.float64)
    known = (counts.at_risk + within_groups(gone, counts) - gone)[rows]
    flat, (flat_low, flat_high) = (at == 0) | (at == 1), wilson(at, known)
    return at, np.where(flat, flat_low, low), np.where(flat, flat_high, high)
