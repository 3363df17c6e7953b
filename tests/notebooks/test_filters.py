from datetime import date

import pytest

from notebooks.filters import Filters


def test_filters_survive_the_way_through_notebook_parameters():
    filters = Filters(date(2026, 1, 31), date(2026, 2, 1), "j", "Health", "O\"Brien's", "IE")
    assert Filters.of(filters.parameters()) == filters


def test_no_filter_is_no_parameter():
    assert Filters().parameters() == {}


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match=r"ends .* before it begins"):
        Filters(since=date(2026, 2, 1), until=date(2026, 1, 1))


def test_an_unknown_filter_is_refused_by_name():
    with pytest.raises(ValueError, match="no such filter: colour"):
        Filters.of({"colour": "red"})
