"""Survival curves: hand-worked cases, and R's survival 3.5 on recorded samples."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from warehouse import curves
from warehouse.curves import Counts
from warehouse.estimators import count_exits

RECORDED = Path(__file__).parent / "survival"


def counts(*subjects: tuple[int, int, int], group: int = 0) -> Counts:
    """Counts of subjects (entry, exit, cause), by the definition of being at risk."""
    bins = sorted({exit_ for _, exit_, _ in subjects})
    ends = Counter((exit_, cause) for _, exit_, cause in subjects)
    return Counts(
        np.full(len(bins), group),
        np.array(bins),
        np.array([sum(e < b <= x for e, x, _ in subjects) for b in bins]),
        np.array([ends[b, 1] for b in bins]),
        np.array([ends[b, 2] for b in bins]),
    )


def test_exits_are_counted_as_being_at_risk_is_defined() -> None:
    """In groups that follow one another, of which one is left out, with late and sudden ends."""
    groups = {0: [(-1, 0, 1), (-1, 3, 2), (2, 3, 0), (0, 3, 1)], 2: [(4, 5, 1), (-1, 9, 0)]}
    rows = [(group, *subject, 1) for group, subjects in groups.items() for subject in subjects]
    names = ("id", "entry_bin", "exit_bin", "cause", "n")
    found = count_exits(pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))))
    defined = [counts(*subjects, group=group) for group, subjects in groups.items()]
    for name in ("group", "bin", "at_risk", "events", "others"):
        expected = [number for each in defined for number in getattr(each, name).tolist()]
        assert getattr(found, name).tolist() == expected, name


def joined(*parts: Counts) -> Counts:
    names = ("group", "bin", "at_risk", "events", "others")
    return Counts(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def test_a_survival_curve_by_hand() -> None:
    # 4 at risk, 1 ends: 3/4. One censored. 2 at risk, 1 ends: 3/4 x 1/2 = 3/8. Last one ends: 0.
    c = counts((-1, 1, 1), (-1, 2, 0), (-1, 3, 2), (-1, 5, 1))
    survival, error = curves.kaplan_meier(c)
    assert survival == pytest.approx([3 / 4, 3 / 4, 3 / 8, 0])
    # Greenwood: 1/(4 x 3), then + 1/(2 x 1).
    assert error[:3] ** 2 == pytest.approx([1 / 12, 1 / 12, 1 / 12 + 1 / 2])


def test_the_rows_that_draw_a_curve_are_its_ends_and_where_it_comes_into_another_part() -> None:
    # 10 stays end at 1, 2, .. 10. In quarters: 1; .9, .8; .7, .6, .5; .4, .3; .2, .1, 0.
    falling = curves.from_day_0(counts(*((-1, n, 1) for n in range(1, 11))))
    # One leaves at once: bin 0 is there already. The next is censored.
    at_once = curves.from_day_0(counts((-1, 0, 1), (-1, 7, 0), group=1))
    c = joined(falling, at_once)
    assert (list(falling.bin[:2]), list(falling.at_risk[:2])) == ([0, 1], [10, 10])
    assert list(at_once.bin) == [0, 7]
    survival, _ = curves.kaplan_meier(c)
    kept = curves.steps(survival, c, np.array([4, 4]))
    assert list(c.bin[kept]) == [0, 1, 3, 6, 8, 10, 0, 7]
    assert survival[kept] == pytest.approx([1, 0.9, 0.7, 0.4, 0.2, 0, 0.5, 0.5])


@pytest.mark.parametrize("parts", [3, 100])
def test_a_drawn_curve_is_nowhere_further_off_than_a_part(parts: int) -> None:
    c = curves.from_day_0(counts(*((-1, 1 + n * n * 7 % 211, n % 3) for n in range(300))))
    survival, _ = curves.kaplan_meier(c)
    kept = curves.steps(survival, c, np.array([parts]))
    drawn = survival[np.maximum.accumulate(np.where(kept, np.arange(len(kept)), 0))]
    assert ((drawn - survival >= 0) & (drawn - survival < 1 / parts)).all()
    assert kept.sum() <= parts + 2


def test_an_incidence_by_hand() -> None:
    # S- 1, 1 of 4: 1/4. At 3 the other cause ends 1 of 2: S 3/8. At 5 the last: 1/4 + 3/8 = 5/8.
    c = counts((-1, 1, 1), (-1, 2, 0), (-1, 3, 2), (-1, 5, 1))
    assert curves.incidence(c) == pytest.approx([1 / 4, 1 / 4, 1 / 4, 5 / 8])


def test_incidences_of_all_causes_and_survival_are_one() -> None:
    c = counts(*((-1, 1 + n * 7 % 11, n % 3) for n in range(40)))
    swapped = Counts(c.group, c.bin, c.at_risk, c.others, c.events)
    survival, _ = curves.kaplan_meier(c)
    assert curves.incidence(c) + curves.incidence(swapped) + survival == pytest.approx(1)


def test_groups_do_not_touch_one_another() -> None:
    first = counts(*((-1, 1 + n * 7 % 11, n % 3) for n in range(40)))
    # The first group's curve ends at 0: the next one starts at 1 all the same.
    ended = counts((-1, 1, 1), (-1, 2, 1), group=1)
    last = counts(*((n % 4, 5 + n * 5 % 13, n % 3) for n in range(40)), group=2)
    together = joined(first, ended, last)
    own = Counts(np.zeros_like(last.group), last.bin, last.at_risk, last.events, last.others)
    start = len(first.bin) + len(ended.bin)
    for curve in (curves.incidence, lambda c: curves.kaplan_meier(c)[0]):
        assert curve(together)[start:].tolist() == curve(own).tolist()
    rows = np.array([len(first.bin) - 1, start - 1, len(together.bin) - 1])
    error = curves.incidence_error(together, rows)[2]
    assert error == pytest.approx(curves.incidence_error(own, np.array([len(own.bin) - 1]))[0])


def test_events_before_the_risk_set_is_large_enough_are_left_out() -> None:
    # One alone ends at 2, with late entry: the curve would be 0 for good.
    c = counts((0, 2, 1), *((3, 5 + n, 1) for n in range(10)))
    assert curves.kaplan_meier(c)[0][-1] == curves.kaplan_meier(c)[0][0] == 0
    survival, _ = curves.kaplan_meier(curves.settled(c, 10))
    assert survival[:2] == pytest.approx([1, 0.9])
    # A group that never has so many keeps its events.
    few = counts((-1, 1, 1), (-1, 2, 1))
    assert curves.settled(few, 10).events.tolist() == [1, 1]


def test_an_interval_on_the_log_log_scale_by_hand() -> None:
    # S = 3/4, Greenwood 1/12: 0.75 ** exp(±1.96 x sqrt(1/12) / -log 0.75).
    low, high = curves.log_log_interval(np.array([0.75, 0, 1]), np.array([math.sqrt(1 / 12), 0, 0]))
    width = 1.959963984540054 * math.sqrt(1 / 12) / -math.log(0.75)
    assert low == pytest.approx([0.75 ** math.exp(width), 0, 1])
    assert high == pytest.approx([0.75 ** math.exp(-width), 0, 1])


def test_an_interval_of_none_and_of_all_has_a_width() -> None:
    # 4 at risk at 2 when one other leaves, 3 at 5 when one is hired: none of 4, then 1 of 4 known.
    c = counts((-1, 2, 2), (-1, 5, 1), (-1, 7, 0), (-1, 7, 0))
    at, low, high = curves.incidence_interval(c, np.array([0]))
    assert (at, low, high) == ([0], [0], pytest.approx([3.8415 / 7.8415], abs=1e-4))
    # All of 3 are hired: 3 / (3 + 1.96²).
    c = counts((-1, 2, 1), (-1, 5, 1), (-1, 7, 1))
    at, low, high = curves.incidence_interval(c, np.array([2]))
    assert (at, low, high) == (1, pytest.approx([3 / 6.8415], abs=1e-4), [1])


def test_the_upper_end_stays_when_no_one_is_left() -> None:
    c = joined(counts((-1, 1, 0), (-1, 2, 1), (-1, 3, 1)), counts((-1, 1, 1), group=1))
    survival, low, high = curves.survival_interval(c)
    assert survival.tolist() == [1, 0.5, 0, 0]
    assert low[[0, 2, 3]] == pytest.approx([3 / 6.8415, 0, 0], abs=1e-4)
    assert high[2] == high[1] < 1
    assert high[[0, 3]].tolist() == [1, 1]


def recorded(sample: str) -> tuple[Counts, dict[str, np.ndarray]]:
    with (RECORDED / "subjects.csv").open() as file:
        subjects = [
            (int(row["entry"]), int(row["exit"]), int(row["cause"]))
            for row in csv.DictReader(file)
            if row["sample"] == sample
        ]
    with (RECORDED / "recorded.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["sample"] == sample]
    names = [name for name in rows[0] if name != "sample"]
    return counts(*subjects), {
        name: np.array([float("nan") if row[name] == "NA" else float(row[name]) for row in rows])
        for name in names
    }


@pytest.mark.parametrize("sample", ["plain", "large", "late"])
def test_curves_are_those_of_r(sample: str) -> None:
    c, r = recorded(sample)
    assert c.bin.tolist() == r["time"].tolist()
    assert c.at_risk.tolist() == r["at_risk"].tolist()
    survival, error = curves.kaplan_meier(c)
    assert survival == pytest.approx(r["survival"], abs=1e-9)
    inner = survival > 0
    assert error[inner] == pytest.approx(r["survival_error"][inner], abs=1e-9)
    low, high = curves.log_log_interval(survival, error)
    inside = inner & (survival < 1)
    assert low[inside] == pytest.approx(r["survival_low"][inside], abs=1e-9)
    assert high[inside] == pytest.approx(r["survival_high"][inside], abs=1e-9)
    assert curves.incidence(c) == pytest.approx(r["incidence"], abs=1e-9)


@pytest.mark.parametrize("sample", ["plain", "large"])
def test_intervals_of_incidences_are_those_of_r(sample: str) -> None:
    c, r = recorded(sample)
    for row in (len(c.bin) // 3, len(c.bin) // 2, len(c.bin) - 1):
        error = curves.incidence_error(c, np.array([row]))
        assert error == pytest.approx([r["incidence_error"][row]], abs=1e-9)
        p = curves.incidence(c)[[row]]
        low, high = curves.log_log_interval(p, error / p)
        assert low == pytest.approx([r["incidence_low"][row]], abs=1e-9)
        assert high == pytest.approx([r["incidence_high"][row]], abs=1e-9)


def test_with_late_entry_the_error_is_near_that_of_r() -> None:
    # R's is the infinitesimal jackknife, which equals Greenwood's only without late entry.
    c, r = recorded("late")
    row = len(c.bin) // 2
    error = curves.incidence_error(c, np.array([row]))
    assert error == pytest.approx([r["incidence_error"][row]], rel=0.05)
