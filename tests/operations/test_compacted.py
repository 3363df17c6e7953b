"""Status and doctor where old days are Parquet: the same counts, nothing damaged, no strays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from operations import zone
from operations.rhythm import hours
from operations.tally import tally
from operations.zone import Zone
from pipelines import merge
from pipelines.compact import compact_old_days
from pipelines.merge import merge_closed_days
from tests.operations.conftest import NOW

OLD = NOW - timedelta(days=30)


@pytest.fixture
def compacted(home, monkeypatch):
    """Days of a month ago as Parquet, one of today as JSON. Gives what was counted before."""
    for hour in range(3):
        home.land(*(OLD + timedelta(hours=hour, seconds=n) for n in range(20)))
    home.land(NOW)
    before = tally(home.path, home.settings.state).rows, hours(home.settings)
    monkeypatch.setattr(merge, "SMALLEST", 1)
    monkeypatch.setattr(zone, "_YOUNG_SECONDS", 0.0)
    merge_closed_days(home.landing, {"w0": 3}, NOW.date())
    compact_old_days(home.landing, NOW.date())
    return before


def test_the_zone_is_whole_and_nothing_is_a_stray(home, compacted):
    found = Zone(home.path)
    assert any(file.is_packed for entry in found.entries for file in entry.files)
    assert (found.rows, found.damaged, found.strays()) == (61, [], [])


def test_events_and_hours_are_as_before_also_when_counted_anew(home, compacted):
    for path in (home.settings.state / "operations").iterdir():
        path.unlink()
    counted = tally(home.path, home.settings.state)
    assert (counted.rows, hours(home.settings)) == compacted
    assert counted.damaged == {}
    assert counted.bytes == sum(entry.bytes for entry in Zone(home.path).entries)


def test_a_cut_parquet_segment_is_damage(home, compacted):
    (path, *_) = home.landing.root.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    assert Zone(home.path).damaged == [str(path.relative_to(home.landing.root))]
