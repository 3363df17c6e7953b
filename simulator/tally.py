"""Counts kept by many sending threads at once."""

from __future__ import annotations

from collections import Counter
from threading import Lock

from simulator.deliveries import Deliveries
from simulator.sender import Answer


class Tally:
    def __init__(self) -> None:
        self.lock = Lock()
        self.counts: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.landed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()

    def attempt(self, kind: str, answer: Answer | None, *, is_retry: bool) -> None:
        with self.lock:
            self.counts["attempts"] += 1
            self.counts["retries"] += is_retry
            if answer is None:
                self.counts["unanswered"] += 1
            elif answer.status != 200:
                self.refused[str(answer.status)] += 1
            else:
                self.answered[answer.word] += 1
                self.landed[kind] += answer.word == "landed"

    def settled(self, kind: str) -> None:
        with self.lock:
            self.sent[kind] += 1

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1

    def deliveries(self, seconds: float) -> Deliveries:
        return Deliveries(
            attempts=self.counts["attempts"],
            sent=dict(sorted(self.sent.items())),
            answered=dict(sorted(self.answered.items())),
            landed={kind: n for kind, n in sorted(self.landed.items()) if n},
            refused=dict(sorted(self.refused.items())),
            unanswered=self.counts["unanswered"],
            retries=self.counts["retries"],
            lost=self.counts["lost"],
            skipped=self.counts["skipped"],
            seconds=seconds,
        )
