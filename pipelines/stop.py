"""A request to stop, made by any thread or by a signal handler."""

from __future__ import annotations

import time

_LOOK = 0.25  # seconds


class Stop:
    """Like threading.Event, but a plain flag, looked at four times a second.

    Event.set takes a lock that the wait which a signal interrupts may hold, and both wait for
    ever; and no lock or queue wakes for a signal that comes just before the wait for it begins.
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        self._asked = True

    def is_set(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Sleep until set, `seconds` at most; whether it is set."""
        end = time.monotonic() + seconds
        while not self._asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK))
        return self._asked
