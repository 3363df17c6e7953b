"""What a run did, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Summary:
    """One run of `hiring sync`.

    events: landed lines loaded. new: states that were not known before. repeated: deliveries of
    a known state. watermark: slot -> last seq that is loaded. rows: published rows by table.
    seconds: by step.
    """

    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    finished_at: str | None = None
    segments: int = 0
    damaged: list[str] = field(default_factory=list)
    events: int = 0
    new: int = 0
    repeated: int = 0
    quarantined: int = 0
    as_of: str | None = None
    watermark: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    published: str | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step; repeated steps add up, and a step within it counts for itself alone."""
        start, counted = time.perf_counter(), sum(self.seconds.values())
        try:
            yield
        finally:
            within = sum(self.seconds.values()) - counted
            took = time.perf_counter() - start - within
            self.seconds[name] = round(self.seconds.get(name, 0.0) + took, 3)

    def count(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """new, repeated and as_of, from the row of `freshness` before and after the run."""
        states = ("candidate_states", "job_states", "other_events")
        known = [sum(int(row.get(name) or 0) for name in states) for row in (before, after)]
        is_rebuilt = int(after.get("events_loaded") or 0) == self.events
        self.new = known[1] - (0 if is_rebuilt else known[0])
        self.repeated = self.events - self.new
        self.as_of = str(after["as_of"]) if after.get("as_of") else None

    def finish(self) -> None:
        self.finished_at = datetime.now(UTC).isoformat()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person."""
        total = sum(self.seconds.values())
        steps = "  ".join(f"{name} {seconds:.2f} s" for name, seconds in self.seconds.items())
        rows = [f"  {name:<22} {count:>12,}" for name, count in sorted(self.rows.items())]
        return [
            f"{self.segments:,} segments, {self.events:,} events:"
            f" {self.new:,} new, {self.repeated:,} repeated; {self.quarantined:,} in quarantine",
            *(f"! damaged segment, set aside: {name}" for name in self.damaged),
            *(f"note: {note}" for note in self.notes),
            *(["rows published:", *rows] if rows else []),
            f"seconds: {total:.2f} ({steps})",
            *([f"as of {self.as_of}, in {self.published}"] if self.published else []),
        ]
