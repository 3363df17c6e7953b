import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from notebooks.intervals import median_interval, wilson, with_rates


@given(st.integers(1, 100_000), st.data())
def test_wilson_is_the_interval_of_statsmodels(n, data):
    k = data.draw(st.integers(0, n))
    assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


def test_no_trial_has_no_interval():
    assert wilson(0, 0) is None


@pytest.mark.parametrize("n", [6, 7, 24, 100, 999, 1000, 5001])
def test_the_median_interval_covers_at_least_95_percent_and_is_the_narrowest(n):
    low, _ = median_interval(list(range(1, n + 1)))
    # Coverage of ranks r to n + 1 - r is 1 - 2 P(Binomial < r); one rank further in falls short.
    assert 1 - 2 * binom.cdf(low - 1, n, 0.5) >= 0.95 - (n > 1000) * 1e-3
    assert 1 - 2 * binom.cdf(low, n, 0.5) < 0.95 + (n > 1000) * 1e-3


def test_five_values_are_too_few_for_an_interval_of_the_median():
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0]) is None


def test_rates_are_null_where_nothing_is_complete():
    rates = with_rates(pd.DataFrame({"hired": [1, 0], "ended": [4, 0]}), "hired", "ended")
    assert rates["rate"].tolist()[0] == 0.25
    assert rates[["rate", "low", "high"]].iloc[1].isna().all()
