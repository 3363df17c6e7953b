"""Landing times of a writer: strictly increasing, unless the clock was set back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contract.envelope import timestamp
from receiver import stamp
from receiver.stamp import Clock, Written

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def clock_at(monkeypatch: pytest.MonkeyPatch, *times: datetime) -> Clock:
    given = iter(times)

    def time_ns() -> int:
        return (next(given) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000

    monkeypatch.setattr(stamp, "time_ns", time_ns)
    return Clock()


@pytest.mark.parametrize("back", [timedelta(0), timedelta(milliseconds=999)])
def test_times_increase_where_the_clock_stands_or_steps_back_a_little(
    monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    clock = clock_at(monkeypatch, NOON, NOON - back, NOON - back)
    assert [(clock.now() - NOON) // timedelta(microseconds=1) for _ in range(3)] == [0, 1, 2]


def test_a_clock_that_was_set_back_by_more_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = NOON - timedelta(seconds=1)
    clock = clock_at(monkeypatch, NOON, earlier)
    assert [clock.now(), clock.now()] == [NOON, earlier]


def test_a_stamp_is_the_time_as_the_line_writes_it_and_its_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    times = [midnight - timedelta(microseconds=1), midnight, NOON, NOON.replace(microsecond=40)]
    clock = clock_at(monkeypatch, *times[:2], times[0] - timedelta(days=1), *times[2:])
    assert clock.stamp() == ("2026-11-24T23:59:59.999999Z", date(2026, 11, 24))
    assert clock.stamp() == ("2026-11-25T00:00:00.000000Z", date(2026, 11, 25))
    assert clock.stamp() == ("2026-11-23T23:59:59.999999Z", date(2026, 11, 23))
    for time in times[2:]:
        assert clock.stamp() == (timestamp(time), time.date())


def test_stamps_and_times_are_of_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = clock_at(monkeypatch, NOON, NOON, NOON)
    texts = [clock.stamp()[0], timestamp(clock.now()), clock.stamp()[0]]
    assert texts == sorted(set(texts))


def test_several_stamps_are_those_of_each_across_seconds_and_days() -> None:
    midnight = int(datetime(2026, 11, 25, tzinfo=UTC).timestamp()) * 1_000_000
    for first in (midnight - 3, midnight, midnight + 999_990):
        expected = [Written().of(first + number) for number in range(20)]
        assert Written().several(first, 20) == expected
    assert Written().several(midnight, 0) == []
    many = Written().several(midnight - 5, 2_000_010)
    assert len(many) == 2_000_010
    assert many[-1] == Written().of(midnight + 2_000_004)
