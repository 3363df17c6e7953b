"""Landing times: the clock's, and strictly increasing within a writer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import time_ns

_SECOND = 1_000_000


class Clock:
    """Lines of one writer keep their order when they are sorted by `landed_at`.

    A clock that was set back by more than a second is believed: the order across such a step
    is the clock's, not ours.
    """

    def __init__(self) -> None:
        self._last = 0
        self._written = Written()

    def now(self) -> datetime:
        """The time, UTC."""
        second, rest = divmod(self.reserve(), _SECOND)
        return datetime.fromtimestamp(second, UTC).replace(microsecond=rest)

    def stamp(self) -> tuple[str, date]:
        """The time as the landed line writes it, and its day."""
        return self._written.of(self.reserve())

    def reserve(self, count: int = 1) -> int:
        """The first of `count` microseconds since 1970 that are given out this once."""
        micros, last = time_ns() // 1000, self._last
        if micros <= last < micros + _SECOND:
            micros = last + 1
        self._last = micros + count - 1
        return micros


class Written:
    """Microseconds since 1970 as the landed line writes them (envelope.timestamp), and their day.

    But for the microseconds it is written once a second: this is done for each delivery.
    """

    def __init__(self) -> None:
        self._start = -_SECOND  # of the second that `_text` writes
        self._text = ""
        self._day = date.min

    def of(self, micros: int) -> tuple[str, date]:
        rest = micros - self._start
        if not 0 <= rest < _SECOND:
            second, rest = divmod(micros, _SECOND)
            time = datetime.fromtimestamp(second, UTC)
            self._text, self._day = f"{time:%Y-%m-%dT%H:%M:%S}", time.date()
            self._start = second * _SECOND
        return f"{self._text}.{rest:06}Z", self._day

    def several(self, first: int, count: int) -> list[tuple[str, date]]:
        """So many microseconds, one after the other."""
        times: list[tuple[str, date]] = []
        while len(times) < count:
            begin = first + len(times)
            self.of(begin)
            text, day, rest = self._text, self._day, begin - self._start
            end = min(rest + count - len(times), _SECOND)
            times += [(f"{text}.{micros:06}Z", day) for micros in range(rest, end)]
        return times
