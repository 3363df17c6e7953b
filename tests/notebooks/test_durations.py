import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebooks.durations import COLUMNS, by_group, histogram, incidences, summary


def test_a_summary_interpolates_and_counts_only_what_is_known():
    found = summary(pd.Series([1.0, 2.0, 3.0, 4.0, None]))
    assert found == {"n": 4, "median": 2.5, "low": None, "high": None, "p90": pytest.approx(3.7)}


def test_no_duration_is_no_median_and_not_zero():
    assert summary(pd.Series([], dtype=float))["median"] is None


def test_groups_keep_their_first_order_and_their_own_figures():
    data = pd.DataFrame({"source": ["b", "a", "b"], "days": [1.0, 5.0, 3.0]})
    rows = by_group(data, "source")
    assert rows["source"].tolist() == ["b", "a"]
    assert rows["median"].tolist() == [2.0, 5.0]
    assert rows["n"].tolist() == [2, 1]


def test_no_group_is_an_empty_table_with_all_columns():
    empty = by_group(pd.DataFrame({"source": [], "days": []}), "source")
    assert list(empty.columns) == ["source", *COLUMNS]


def test_horizons_become_rows_and_what_was_not_followed_stays_null():
    row = pd.DataFrame(
        {
            f"incidence_{d}{e}": [None if d == 180 else d / 1000]
            for d in (30, 60, 90, 180)
            for e in ("", "_low", "_high")
        }
    )
    rows = incidences(row)
    assert rows["days"].tolist() == [0, 30, 60, 90, 180]
    assert rows["share"].tolist()[:4] == [0.0, 0.03, 0.06, 0.09]
    assert rows["share"].isna().tolist() == [False] * 4 + [True]
    assert len(incidences(row.head(0))) == 1


@given(st.lists(st.floats(0, 4000), min_size=1, max_size=50))
def test_a_histogram_counts_every_value_once_in_few_bins(days):
    bins = histogram(pd.Series(days))
    assert bins["count"].sum() == len(days)
    assert len(bins) <= 24
    assert bins["to_day"].max() > max(days)


def test_no_value_has_no_bin():
    assert len(histogram(pd.Series([], dtype=float))) == 0
