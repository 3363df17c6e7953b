"""Former versions of the published file: `published/hiring-<as_of>.duckdb` in the home.

Whoever erases removes them all; a publication after an erasure does so too. They are links:
the newest is the published file itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

FOLDER = "published"


def folder(home: Path) -> Path:
    return home / FOLDER


def path(home: Path, as_of: datetime) -> Path:
    """Where the version as of a time is kept."""
    return folder(home) / f"hiring-{as_of.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.duckdb"


def kept(home: Path) -> list[Path]:
    """The versions that are kept, the latest as_of last."""
    return sorted(folder(home).glob("hiring-*.duckdb"))


def remove(home: Path) -> int:
    """Remove all of them, half-made ones too; how many there were. Raises OSError."""
    found = list(folder(home).glob("hiring-*"))
    for version in found:
        version.unlink(missing_ok=True)
    return len(found)
