"""Do intervals hold the truth? A short form of `python -m benchmarks.campaign coverage N`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.campaign.coverage import Share, Stay, cases, medians
from warehouse.intervals import t95


def test_intervals_hold_the_truth_of_the_simulators_distributions() -> None:
    # 300 samples: the share that holds it is within 0.05 of 0.95 with a chance of 0.9999.
    shares = list(cases(np.random.default_rng(1), 300))
    assert [str(share) for share in shares if share.held < 0.9 * share.given] == []


def test_it_sees_an_interval_of_something_else() -> None:
    """The control: the interval of stays of 14 days does not hold 20 days."""
    chance = np.random.default_rng(1)
    assert medians("14 days", 20, Stay(300, 14).counts(chance, 200)).held < 100


def test_a_share_is_good_between_92_and_98_percent() -> None:
    assert [Share("", held, 1000).is_good for held in (919, 920, 980, 981)] == [
        *(False, True, True, False)
    ]


def test_quantiles_of_students_t_are_those_of_the_tables() -> None:
    for freedom, quantile in ((5, 2.5706), (10, 2.2281), (30, 2.0423), (1e9, 1.95996)):
        assert t95(freedom) == pytest.approx(quantile, rel=2e-3)
    assert t95(3) == pytest.approx(3.1824, rel=0.01)
