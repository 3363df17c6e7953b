"""A request to stop, made by any thread or by a signal handler."""

from __future__ import annotations

from queue import Empty, SimpleQueue


class Stop:
    """Like threading.Event, which a handler must not set: Event.set takes the lock that the wait
    which the signal interrupts may hold, and both wait for ever. SimpleQueue.put is reentrant."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        self._asked.put(None)

    def is_set(self) -> bool:
        return not self._asked.empty()

    def wait(self, seconds: float) -> bool:
        """Sleep until set, `seconds` at most; whether it is set."""
        try:
            self._asked.get(timeout=seconds)
        except Empty:
            return False
        self._asked.put(None)  # it stays set, for whoever asks next
        return True
