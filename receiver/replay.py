"""Signed deliveries that come twice: the same signature within its window is landed once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic

from receiver.answers import Answer
from receiver.auth import TOLERANCE_SECONDS, Headers
from receiver.metrics import Counts

_MOST = 100_000


class Replays:
    """Answers of one worker by signature, for as long as the signature would be accepted.

    A replay that meets another worker lands a second time; the warehouse knows equal states.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._seen: dict[bytes, tuple[float, Answer]] = {}

    async def once(self, headers: Headers, land: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of the first time, or that of `land`."""
        key = b"\0".join(
            headers.get(name, b"")
            for name in (b"webhook-id", b"webhook-timestamp", b"webhook-signature")
        )
        self._forget()
        if key in self._seen:
            self._counts.replays += 1
            return self._seen[key][1]
        answer = await land()
        self._seen[key] = (monotonic(), answer)
        return answer

    def _forget(self) -> None:
        oldest = monotonic() - 2 * TOLERANCE_SECONDS
        while self._seen:
            key = next(iter(self._seen))
            if self._seen[key][0] >= oldest and len(self._seen) < _MOST:
                return
            del self._seen[key]
