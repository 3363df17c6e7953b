"""Landing times: the clock's, and strictly increasing within a writer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TICK = timedelta(microseconds=1)
_STEP = timedelta(seconds=1)


class Clock:
    """Lines of one writer keep their order when they are sorted by `landed_at`.

    A clock that was set back by more than a second is believed: the order across such a step
    is the clock's, not ours.
    """

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        time = datetime.now(UTC)
        if time <= self._last and self._last - time < _STEP:
            time = self._last + _TICK
        self._last = time
        return time
