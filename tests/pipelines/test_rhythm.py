"""When a job is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rhythm import Every, rhythm


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"), [("60s", 60), ("90", 90), (" 5m ", 300), ("1.5h", 5400), ("1d", 86400)]
)
def test_intervals_are_read_with_their_unit(text, seconds):
    assert rhythm(text) == Every(seconds)


@pytest.mark.parametrize(
    "text", ["", "0s", "0.5s", "60 x", "-5s", "* * * *", "61 * * * *", "@daily"]
)
def test_what_is_neither_interval_nor_cron_is_refused(text):
    with pytest.raises(ValueError, match="neither an interval"):
        rhythm(text)


@given(st.floats(1, 1e5), st.floats(0, 1e9), st.floats(0, 1e9))
def test_the_next_beat_lies_ahead_and_not_further_than_the_interval(seconds, anchor, now):
    beat = Every(seconds).next(anchor, now)
    assert now <= beat <= now + seconds * 1.001 + 1e-3


def test_cron_is_in_local_time_also_when_the_clocks_change():
    nightly = rhythm("30 2 * * *", "Europe/Dublin")
    summer = nightly.next(0, at("2026-07-01T00:00:00+00:00"))
    winter = nightly.next(0, at("2026-11-24T00:00:00+00:00"))
    assert datetime.fromtimestamp(summer, UTC).hour == 1
    assert datetime.fromtimestamp(winter, UTC).hour == 2
    assert not nightly.at_start
