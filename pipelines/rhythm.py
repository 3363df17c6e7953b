"""When a job is due: every so often, or by a cron expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from croniter import croniter

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EVERY = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
_RETRY_SECONDS = 60.0


class Rhythm(Protocol):
    """Times are seconds since 1970."""

    @property
    def at_start(self) -> bool:
        """Whether the first run is due at once."""

    @property
    def retry(self) -> float:
        """Seconds after which a first failure is tried again."""

    def next(self, anchor: float, now: float) -> float:
        """The first beat after `now`, of those that began at `anchor`."""


@dataclass(frozen=True)
class Every:
    """A fixed interval; beats that were missed are left out, never made up for."""

    seconds: float
    at_start = True

    @property
    def retry(self) -> float:
        return self.seconds

    def next(self, anchor: float, now: float) -> float:
        if now < anchor:  # the clock was set back
            return now + self.seconds
        return anchor + self.seconds * ((now - anchor) // self.seconds + 1)


@dataclass(frozen=True)
class Cron:
    """Five fields of cron in a time zone."""

    expression: str
    timezone: str
    at_start = False
    retry = _RETRY_SECONDS

    def next(self, anchor: float, now: float) -> float:  # noqa: ARG002 - beats are absolute
        here = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(self.timezone))
        beat: datetime = croniter(self.expression, here).get_next(datetime)
        return beat.timestamp()


def rhythm(text: str, timezone: str = "UTC") -> Rhythm:
    """`60s`, `5m`, `1h`, `1d`, a number of seconds, or five fields of cron in `timezone`.

    Raises ValueError.
    """
    wanted = text.strip()
    if match := _EVERY.fullmatch(wanted):
        seconds = float(match[1]) * _UNITS[match[2] or "s"]
        if seconds >= 1:
            return Every(seconds)
    elif len(wanted.split()) == 5 and croniter.is_valid(wanted):
        return Cron(wanted, timezone)
    raise ValueError(f"{text!r} is neither an interval (60s, 5m, 1h) nor five fields of cron")
