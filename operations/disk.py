"""What HIRING_HOME takes of the disk, and how fast it grows."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from operations.tally import Tally

FOLDERS = ("journal", "quarantine", "state", "reports", "spark")
FILES = ("warehouse.duckdb", "hiring.duckdb")


@dataclass(frozen=True)
class Disk:
    """Bytes: by folder or file of HIRING_HOME, free, and landed a day in the last seven days."""

    used: dict[str, int]
    free: int
    growth: float

    @property
    def days_left(self) -> float | None:
        """Days until the disk is full at this pace; None when nothing grows."""
        return self.free / self.growth if self.growth else None


def disk(home: Path, counted: Tally) -> Disk:
    """Measure the home; landing/ as counted by its manifest, the rest by walking it."""
    sizes = {name: _tree(home / name) for name in FOLDERS}
    files = {name: (home / name).stat().st_size for name in FILES if (home / name).exists()}
    used = {"landing": counted.bytes, **sizes, **files}
    return Disk(used, shutil.disk_usage(home).free, counted.growth(datetime.now(UTC).date()))


def _tree(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() else 0
        except OSError:  # gone meanwhile: a run sweeps its temporary files
            continue
    return total
