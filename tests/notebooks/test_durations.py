import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebooks.durations import COLUMNS, by_group, histogram, summary, together


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
    assert list(together({}, "job_uuid").columns) == ["job_uuid", *COLUMNS]


def test_parts_are_joined_under_their_key():
    part = by_group(pd.DataFrame({"stage": ["x"], "days": [2.0]}), "stage")
    assert together({"job-1": part, "job-2": part}, "job_uuid")["job_uuid"].tolist() == [
        "job-1",
        "job-2",
    ]


@given(st.lists(st.floats(0, 4000), min_size=1, max_size=50))
def test_a_histogram_counts_every_value_once_in_few_bins(days):
    bins = histogram(pd.Series(days))
    assert bins["count"].sum() == len(days)
    assert len(bins) <= 24
    assert bins["to_day"].max() > max(days)


def test_no_value_has_no_bin():
    assert len(histogram(pd.Series([], dtype=float))) == 0
