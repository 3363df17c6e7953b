"""Signed deliveries that come twice: the same signature within its window is landed once."""

from __future__ import annotations

from time import monotonic

from receiver.answers import Answer
from receiver.auth import TOLERANCE_SECONDS, Headers

_MOST = 100_000


class Replays:
    """Answers of one worker by signature, for as long as the signature would be accepted.

    A replay that meets another worker, or comes while the first is being written, lands a
    second time; the warehouse knows equal states.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[float, Answer]] = {}

    def answer(self, headers: Headers) -> Answer | None:
        """The answer of the first time, if this is a repeat."""
        self._forget()
        seen = self._seen.get(_key(headers))
        return seen[1] if seen else None

    def remember(self, headers: Headers, answer: Answer) -> None:
        """Keep the answer of a delivery that landed."""
        self._seen[_key(headers)] = (monotonic(), answer)

    def _forget(self) -> None:
        oldest = monotonic() - 2 * TOLERANCE_SECONDS
        while self._seen:
            key = next(iter(self._seen))
            if self._seen[key][0] >= oldest and len(self._seen) < _MOST:
                return
            del self._seen[key]


def _key(headers: Headers) -> bytes:
    names = (b"webhook-id", b"webhook-timestamp", b"webhook-signature")
    return b"\0".join(headers.get(name, b"") for name in names)
