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
        self._second = -1
        self._text = ""
        self._day = date.min

    def now(self) -> datetime:
        """The time, UTC."""
        second, rest = divmod(self._tick(), _SECOND)
        return datetime.fromtimestamp(second, UTC).replace(microsecond=rest)

    def stamp(self) -> tuple[str, date]:
        """The time as the landed line writes it (envelope.timestamp), and its day.

        But for the microseconds it is written once a second: this is done for each delivery.
        """
        second, rest = divmod(self._tick(), _SECOND)
        if second != self._second:
            time = datetime.fromtimestamp(second, UTC)
            self._second, self._text, self._day = second, f"{time:%Y-%m-%dT%H:%M:%S}", time.date()
        return f"{self._text}.{rest:06}Z", self._day

    def _tick(self) -> int:
        """Microseconds since 1970."""
        micros, last = time_ns() // 1000, self._last
        if micros <= last < micros + _SECOND:
            micros = last + 1
        self._last = micros
        return micros
