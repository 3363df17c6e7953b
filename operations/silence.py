"""Silence that is not usual at this hour of the week: the webhook may be off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from contract.settings import Settings
from operations.concerns import Concern
from operations.notes import Reception
from operations.rhythm import HOUR, Rhythm, hours
from operations.words import duration

ODDS = 3e-5  # of a silence as long as this by chance, below which it is told
LEAST_WEEKS = 2.0


@dataclass(frozen=True)
class Silence:
    """No event from `since` to `until`. expected: events that are usual in that time.

    odds: the chance of no event in all of it.
    is_known: there are two weeks of history to learn from.
    """

    since: datetime
    until: datetime
    expected: float
    odds: float
    is_known: bool

    @property
    def is_unusual(self) -> bool:
        return self.is_known and self.odds < ODDS

    def concern(self) -> Concern:
        hours_long = (self.until - self.since) / HOUR
        return Concern(
            "silence",
            f"no event for {duration((self.until - self.since).total_seconds())} where about"
            f" {self.expected:.0f} were expected: look at Settings > API Settings > Webhooks at"
            " Occupop and at the proxy, then `hiring doctor`",
            hours_long,
        )


def silence(settings: Settings, now: datetime | None = None) -> Silence | None:
    """The silence that lasts now; None before the first event. Raises OSError."""
    seen = hours(settings)
    if not seen:
        return None
    last = Reception.read(settings.state).last_event_at
    newest = max(seen)
    since = last if last and last > newest else newest + HOUR
    return judge(seen, since, now or datetime.now(UTC), settings.timezone)


def judge(seen: Mapping[datetime, int], since: datetime, until: datetime, timezone: str) -> Silence:
    """How unusual it is that nothing came between two times, by the hours before."""
    rhythm = Rhythm(seen, since, timezone)
    parts = list(_parts(since, until))
    expected = sum(share * rhythm.events(at) for at, share in parts)
    odds = rhythm.odds(sum(share * rhythm.hazard(at) for at, share in parts))
    return Silence(since, until, expected, odds, rhythm.weeks >= LEAST_WEEKS)


def _parts(since: datetime, until: datetime) -> Iterator[tuple[datetime, float]]:
    """The hours between two times, the first and the last by the share that lies between."""
    at = since
    while at < until:
        end = min(at.replace(minute=0, second=0, microsecond=0) + HOUR, until)
        yield at, (end - at) / HOUR
        at = end
