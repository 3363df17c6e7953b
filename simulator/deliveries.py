"""What became of the deliveries: the sender's half of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from contract import durable


@dataclass(frozen=True)
class Deliveries:
    """Counts of attempts (a retry is an attempt of its own).

    sent: deliveries that got an answer other than 'try again', by kind (see schedule).
    answered: answered 200, by the word of the answer (landed, quarantined, ping).
    landed: those answered `landed`, by kind (candidate, job, other).
    refused: by status code. unanswered: time-outs and broken connections.
    lost: deliveries that were given up. skipped: stale repeats that came too late to be sent.
    """

    attempts: int
    sent: Mapping[str, int]
    answered: Mapping[str, int]
    landed: Mapping[str, int]
    refused: Mapping[str, int] = field(default_factory=dict)
    unanswered: int = 0
    retries: int = 0
    lost: int = 0
    skipped: int = 0
    seconds: float = 0.0

    @property
    def answered_200(self) -> int:
        return sum(self.answered.values())

    def lines(self) -> list[str]:
        """For a reader."""
        refused = ", ".join(f"{count} with {status}" for status, count in self.refused.items())
        return [
            f"{self.attempts:,} attempts in {self.seconds:.1f} s, {self.retries} of them retries",
            "answered 200: " + ", ".join(f"{n:,} {word}" for word, n in self.answered.items()),
            f"refused: {refused or 'none'}; unanswered: {self.unanswered}; given up: {self.lost}",
        ]

    def write(self, path: Path) -> None:
        durable.write(path, [orjson.dumps(asdict(self))])

    @classmethod
    def read(cls, path: Path) -> Deliveries:
        """Inverse of `write`."""
        return cls(**orjson.loads(path.read_bytes()))
