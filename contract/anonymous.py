"""What is kept of erased applications when HIRING_KEEP_ANONYMOUS says so: nobody's, and no id.

    landing/_anonymous/<id>.json, secrets/anonymous/<id>.json    what one erasure left

The id is made for the file and stands nowhere else once the erasure is done: neither the
tombstones nor the report of the erasure lead to it. It makes a repeated erasure count once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from contract import twice

KIND = "anonymous"


@dataclass(frozen=True)
class Application:
    """cohort_month: first day of the month of application, ISO. furthest_stage: None for none."""

    cohort_month: str
    job_uuid: str
    furthest_stage: str | None
    outcome: str


def write(home: Path, id_: str, applications: Iterable[Application]) -> None:
    """Keep what an erasure leaves, durably. Repeating it is harmless. Raises OSError."""
    twice.write(home, KIND, f"{id_}.json", orjson.dumps(sorted(applications, key=str)))


def read(home: Path) -> list[tuple[Application, int]]:
    """What all erasures left, counted, in a stable order. Raises OSError."""
    found: Counter[Application] = Counter()
    for path in twice.files(home, KIND):
        found.update(Application(**row) for row in orjson.loads(path.read_bytes()))
    return sorted(found.items(), key=str)
