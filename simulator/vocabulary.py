"""The shipped maps of status words and step names, read as the warehouse's own files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path(__file__).resolve().parent.parent / "warehouse" / "seeds"


@dataclass(frozen=True)
class Vocabulary:
    """outcomes: status -> outcome; stages: step name -> (stage, order or None). Lower case keys."""

    outcomes: dict[str, str]
    stages: dict[str, tuple[str, int | None]]

    @classmethod
    def read(cls, seeds: Path = SEEDS, overrides: Path | None = None) -> Vocabulary:
        """Maps from `seeds`; a file of the same name in `overrides` replaces the shipped one.

        Raises FileNotFoundError.
        """
        return cls(
            {row["status"]: row["outcome"] for row in _rows("status_outcomes", seeds, overrides)},
            {
                row["step_name"]: (row["stage"], _order(row["stage_order"]))
                for row in _rows("stage_map", seeds, overrides)
                if not row["job_uuid"]
            },
        )

    def outcome(self, status: str | None) -> str:
        return self.outcomes.get((status or "").strip().lower(), "unmapped")

    def stage(self, step: str) -> tuple[str, int | None]:
        """Canonical stage and order; an unmapped step is its own stage and has no order."""
        return self.stages.get(step.strip().lower(), (step, None))


def _rows(name: str, seeds: Path, overrides: Path | None) -> Iterator[dict[str, str]]:
    path = seeds / f"{name}.csv"
    if overrides is not None and (overrides / path.name).exists():
        path = overrides / path.name
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _order(text: str) -> int | None:
    return int(text) if text else None
