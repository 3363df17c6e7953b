"""Silence: outages are found, quiet nights and weekends are not, learned from landed files."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from operations.rhythm import HOUR, Rhythm, hours
from operations.silence import judge, silence

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(weeks=1)
LEARNING = 4 * WEEK


def office(rng: random.Random, weeks: int) -> list[datetime]:
    """Deliveries of a company with office hours: bursts by day, few at night and at weekends."""
    times = []
    for number in range(weeks * 168):
        at = MONDAY + number * HOUR
        is_weekend, is_day = at.weekday() >= 5, 8 <= at.hour < 18
        rate = 0.15 if is_weekend else 2.5 if is_day else 0.3 if 6 <= at.hour < 23 else 0.03
        sessions = sum(rng.random() < rate / 60 for _ in range(60))
        for _ in range(sessions):
            begin = at + rng.random() * HOUR
            times += [begin + n * timedelta(seconds=20) for n in range(rng.randint(1, 6))]
    return sorted(times)


def by_hour(times) -> Counter[datetime]:
    return Counter(at.replace(minute=0, second=0, microsecond=0) for at in times)


def outages(rng: random.Random, begin: datetime, weeks: int, length: timedelta):
    """One a fortnight, beginning at any hour."""
    return [
        (at, at + length)
        for number in range(0, weeks, 2)
        for at in [begin + number * WEEK + rng.random() * (2 * WEEK - length)]
    ]


def measure(times, lost, timezone="UTC") -> tuple[float, float, int]:
    """(recall, precision, alarms): each silence is judged when it ends, by what came before."""
    came = [at for at in times if not any(begin <= at < end for begin, end in lost)]
    seen = by_hour(came)
    alarms = []
    for before, after in pairwise(came):
        if after - before > 6 * HOUR and before > times[0] + LEARNING:
            known = {hour: n for hour, n in seen.items() if hour <= before}
            if judge(known, before, after, timezone).is_unusual:
                alarms.append((before, after))
    found = [o for o in lost if any(a < o[1] and o[0] < b for a, b in alarms)]
    right = [a for a in alarms if any(a[0] < o[1] and o[0] < a[1] for o in lost)]
    return len(found) / len(lost), len(right) / max(1, len(alarms)), len(alarms)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_outages_of_three_days_are_found_and_weekends_are_not_told(seed):
    rng = random.Random(seed)
    times = office(rng, 30)
    lost = outages(rng, MONDAY + LEARNING, 26, timedelta(days=3))
    recall, precision, alarms = measure(times, lost)
    print(f"\nseed {seed}: recall {recall:.2f}, precision {precision:.2f}, {alarms} alarms")
    assert recall >= 0.9
    assert precision >= 0.9


def test_without_an_outage_half_a_year_brings_no_more_than_one_false_alarm():
    times = office(random.Random(4), 30)
    never = [(MONDAY - 2 * HOUR, MONDAY - HOUR)]
    assert measure(times, never)[2] <= 1


def test_on_a_simulated_year_outages_in_which_two_dozen_events_were_lost_are_found(tmp_path):
    """Deliveries at any hour, 8 to 211 a week: hiring has seasons."""
    command = [sys.executable, "-m", "hiring", "simulate", "--candidates", "2000"]
    subprocess.run([*command, "--file", tmp_path / "sent.jsonl"], cwd=ROOT, check=True)
    sent = map(orjson.loads, (tmp_path / "sent.jsonl").read_bytes().splitlines())
    times = sorted(t for body in sent if (t := told(body)) and t < datetime.now(UTC))
    found = [measure(times, lost) for seed in range(3) if (lost := in_season(times, seed))]
    recall, precision = (sum(one[n] for one in found) / len(found) for n in (0, 1))
    print(f"\nsimulated year: recall {recall:.2f}, precision {precision:.2f}")
    assert recall >= 0.9
    assert precision >= 0.9


def in_season(times, seed):
    """Outages of four days in which two dozen events are lost, and a fortnight before that
    lets expect as many: what never was as lively can't be missed."""
    rng = random.Random(seed)
    begins = [times[0] + (n + rng.random() * 4) * WEEK for n in range(5, 48, 6)]
    lost = [(at, at + timedelta(days=4)) for at in begins]

    def came(begin, end):
        return sum(begin <= at < end for at in times)

    return [o for o in lost if came(*o) >= 24 and came(o[0] - 2 * WEEK, o[0]) >= 24 * 14 / 4]


def told(body) -> datetime | None:
    try:
        at = datetime.fromisoformat(body["data"].get("updated_at") or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def test_a_silence_at_night_is_usual_and_the_same_by_day_is_not():
    seen = by_hour(office(random.Random(6), 8))
    last = MONDAY + 8 * WEEK
    night = judge(seen, last, last + 8 * HOUR, "UTC")
    day = judge(seen, last + 8 * HOUR, last + 32 * HOUR, "UTC")
    assert not night.is_unusual
    assert day.is_unusual
    assert day.expected > 30 > 5 > night.expected
    assert "expected" in day.concern().text


def test_nothing_is_told_before_two_weeks_are_known():
    seen = by_hour(office(random.Random(7), 1))
    assert not judge(seen, MONDAY + WEEK, MONDAY + 2 * WEEK, "UTC").is_unusual


def test_the_week_is_that_of_the_time_zone():
    """Ten o'clock in Dublin is nine o'clock UTC in summer."""
    hours = {MONDAY + timedelta(weeks=18, days=d, hours=9): 5 for d in range(28)}
    rhythm = Rhythm(hours, MONDAY + timedelta(weeks=22), "Europe/Dublin")
    winter = datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert rhythm.events(winter) > 1
    assert rhythm.events(winter - HOUR) == 0


def test_events_are_counted_once_by_hour_and_imports_not_at_all(home):
    first = MONDAY + timedelta(minutes=10)
    home.land(first, first, first + HOUR)
    assert hours(home.settings) == {MONDAY: 2, MONDAY + HOUR: 1}
    home.land(first, event="CandidateResource_updated")
    home.land(first, slot="land")
    assert hours(home.settings) == hours(home.settings) == {MONDAY: 3, MONDAY + HOUR: 1}


def test_a_segment_that_was_counted_is_not_read_again(home):
    entry = home.land(MONDAY)
    assert hours(home.settings) == {MONDAY: 1}
    (home.landing.root / entry.files[0].path).unlink()
    assert hours(home.settings) == {MONDAY: 1}


def test_a_batch_that_was_counted_and_then_merged_with_new_ones_counts_once(home):
    first = home.land(MONDAY)
    assert hours(home.settings) == {MONDAY: 1}
    second = home.land(MONDAY + HOUR)
    merged = replace(second, first_seq=first.seq, files=(*first.files, *second.files))
    home.landing.commit(merged)
    home.landing.manifest("w0", first.seq).unlink()
    home.landing.note_merged("w0", merged.seq)
    assert hours(home.settings) == {MONDAY: 1, MONDAY + HOUR: 1}
    assert hours(home.settings) == {MONDAY: 1, MONDAY + HOUR: 1}


def test_what_is_kept_of_events_is_counts_alone_and_ten_weeks_of_them(home):
    home.land(MONDAY, MONDAY + 12 * WEEK)
    hours(home.settings)
    kept = (home.settings.state / "operations" / "rhythm.json").read_text()
    assert orjson.loads(kept) == {"loaded": {"w0": 1}, "hours": {"2026-05-25T00": 1}}


def test_of_a_home_the_silence_counts_from_the_last_event_that_the_receiver_noted(home):
    assert silence(home.settings) is None
    home.land(*(MONDAY + n * HOUR for n in range(3 * 168)))
    last = MONDAY + 3 * WEEK + HOUR / 2
    home.note("receiver/w0.json", last_event=last.timestamp())
    found = silence(home.settings, last + 12 * HOUR)
    assert found.since == last
    assert found.is_unusual
    assert found.expected == pytest.approx(12, abs=1)
