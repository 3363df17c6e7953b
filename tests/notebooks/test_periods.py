from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from notebooks.filters import Filters
from notebooks.periods import Period, period_of

TODAY = date(2026, 10, 31)


def test_without_filters_it_is_the_last_90_days_received():
    assert period_of(TODAY, Filters()) == Period(date(2026, 8, 3), TODAY)
    assert period_of(TODAY, Filters()).length == 90


def test_a_period_that_was_asked_for_is_kept_and_ends_with_what_was_received():
    asked = Filters(since=date(2026, 1, 1), until=date(2026, 12, 31))
    assert period_of(TODAY, asked) == Period(date(2026, 1, 1), TODAY)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 1000))
def test_the_period_before_is_as_long_and_touches_it(first, days):
    period = Period(first, date.fromordinal(first.toordinal() + days - 1))
    assert period.before().length == period.length == days
    assert period.before().end == period.first
