"""The period that the first screen is about and the one that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from notebooks.filters import Filters

DAYS = 90


@dataclass(frozen=True)
class Period:
    """Days first to last, both included."""

    first: date
    last: date

    @property
    def end(self) -> date:
        """The first day after it."""
        return self.last + timedelta(days=1)

    @property
    def length(self) -> int:
        return (self.end - self.first).days

    def before(self) -> Period:
        """As many days, just before."""
        return Period(self.first - timedelta(days=self.length), self.first - timedelta(days=1))

    def words(self) -> str:
        return f"{self.first} to {self.last}"


def period_of(as_of: date, filters: Filters) -> Period:
    """The days that were asked for, else the last 90 days that were received."""
    last = min(filters.until, as_of) if filters.until else as_of
    first = filters.since or last - timedelta(days=DAYS - 1)
    return Period(min(first, last), last)
