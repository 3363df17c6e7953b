"""How often events come, learned from the landing zone: events by hour, counted once.

    state/operations/rhythm.json    {"loaded": {slot: seq}, "hours": {"2026-11-24T09": 12, …}}

Only counts are kept. Each call reads the segments that are new; imports do not count, since
they come when someone wants them to.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from contract import durable
from contract.landing import IMPORT_SLOT, DamagedManifest, Entry, Landing
from contract.settings import Settings
from operations import notes

WEEKS = 8
RECENT = timedelta(weeks=2)
DRAWN = 4  # hours of the week that the other days are worth
HOUR = timedelta(hours=1)
_LANDED = re.compile(rb'"landed_at":"(\d{4}-\d\d-\d\dT\d\d)')
_HEAD = 200  # bytes of a line within which landed_at stands
_FORMAT = "%Y-%m-%dT%H"


class Rhythm:
    """The expected rhythm by hour of the week, in a time zone, from the last eight weeks.

    What few such hours say is drawn towards what that hour says on all working days, or on all
    weekends. How busy the last fortnight was against the rhythm is kept beside it: hiring has
    seasons.
    """

    def __init__(self, hours: Mapping[datetime, int], until: datetime, timezone: str) -> None:
        """hours: UTC hour -> events. until: hours from here on are not learned from."""
        self._zone = ZoneInfo(timezone)
        edge = _floor(until)
        begin = max(min(hours, default=edge), edge - timedelta(weeks=WEEKS))
        self.weeks = (edge - begin) / timedelta(weeks=1)
        self._seen, self._active, self._events = [0] * 168, [0] * 168, [0] * 168
        self._learn(hours, begin, edge)
        self._hazards = [self._hazard(place) for place in range(168)]
        recent = max(begin, edge - RECENT)
        self._usual = sum(self.hazard(hour) for hour in _hours(recent, edge))
        came = sum(count for hour, count in hours.items() if recent <= hour < edge)
        mean = sum(self._mean(self._place(hour)) for hour in _hours(recent, edge))
        self._level = (1 + came) / (1 + mean)
        self._busy = sum(1 for hour, count in hours.items() if recent <= hour < edge and count)

    def _learn(self, hours: Mapping[datetime, int], begin: datetime, edge: datetime) -> None:
        for hour in _hours(begin, edge):
            count, place = hours.get(hour, 0), self._place(hour)
            self._seen[place] += 1
            self._active[place] += count > 0
            self._events[place] += count

    def _hazard(self, place: int) -> float:
        day, hour = divmod(place, 24)
        alike = [other * 24 + hour for other in (range(5) if day < 5 else range(5, 7))]
        active, seen = (sum(counts[p] for p in alike) for counts in (self._active, self._seen))
        drawn = (active + 0.5) / (seen + 1)
        return -math.log1p(-(self._active[place] + DRAWN * drawn) / (self._seen[place] + DRAWN))

    def hazard(self, at: datetime) -> float:
        """Minus the logarithm of the chance that nothing comes in the hour of `at`."""
        return self._hazards[self._place(at)]

    def events(self, at: datetime) -> float:
        """Events that are usual in the hour of `at`, at the level of the last fortnight."""
        return self._level * self._mean(self._place(at))

    def _mean(self, place: int) -> float:
        return self._events[place] / max(1, self._seen[place])

    def odds(self, hazard: float) -> float:
        """The chance of nothing during hours of this hazard in sum.

        Gamma-Poisson: the level of the last fortnight is uncertain, and the less it is known the
        less a silence says. An hour counts once however much came in it, so that where every
        hour is busy the odds are too high rather than too low.
        """
        known = 1 + self._usual
        return float((known / (known + hazard)) ** (1 + self._busy))

    def _place(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return local.weekday() * 24 + local.hour


def _hours(begin: datetime, end: datetime) -> Iterator[datetime]:
    return (begin + number * HOUR for number in range(int((end - begin) / HOUR)))


def hours(settings: Settings) -> dict[datetime, int]:
    """UTC hour -> events that the receiver landed, up to the last sealed batch.

    Raises OSError when the count cannot be kept.
    """
    path = settings.state / "operations" / "rhythm.json"
    known = notes.read(path)
    counted: Counter[str] = Counter(known.get("hours", {}))
    watermark: dict[str, int] = dict(known.get("loaded", {}))
    landing = settings.zone
    before = dict(watermark)
    new = list(_new(landing, watermark))
    if any(entry.first <= watermark.get(entry.slot, 0) for entry in new):
        # Merged with what was counted: which of its lines are new can't be told, so count anew.
        counted, watermark = Counter(), {}
        new = list(_new(landing, {}))
    for entry in new:
        counted.update(_hours_of(landing, entry))
        watermark[entry.slot] = entry.seq
    if watermark != before:
        _keep(path, counted, watermark)
    return {datetime.strptime(h, _FORMAT).replace(tzinfo=UTC): n for h, n in counted.items()}


def _keep(path: Path, counted: Counter[str], watermark: Mapping[str, int]) -> None:
    """What is older than is learned from is left out."""
    edge = max(counted, default="")
    if edge:
        oldest = datetime.strptime(edge, _FORMAT) - timedelta(weeks=WEEKS + 2)
        counted = Counter({h: n for h, n in counted.items() if h >= oldest.strftime(_FORMAT)})
    note = {"loaded": watermark, "hours": dict(sorted(counted.items()))}
    durable.write(path, [orjson.dumps(note)])


def _new(landing: Landing, watermark: Mapping[str, int]) -> Iterator[Entry]:
    for slot in landing.slots():
        if not slot.startswith(IMPORT_SLOT):
            try:
                yield from landing.slot_entries(slot, watermark.get(slot, 0))
            except DamagedManifest:  # told by status; the slot is read on when it is mended
                continue


def _hours_of(landing: Landing, entry: Entry) -> Iterator[str]:
    for segment in entry.files:
        try:
            for line in landing.lines(segment.path):
                if match := _LANDED.search(line, 0, _HEAD):
                    yield match[1].decode()
        except FileNotFoundError:  # merged meanwhile, or damaged: told by status
            continue


def _floor(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
