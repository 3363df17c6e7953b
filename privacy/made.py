"""What is made from the landing zone and holds people: removed, and made anew without them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from contract import durable, files, versions
from contract.settings import Settings

# Of the warehouse and of what is published, half-made ones and copies, too.
DATABASES = ("warehouse*.duckdb*", "hiring*.duckdb*")
# Under state/: dlt's packages, and what killed runs left. A run for --as-known-at that lives fails.
WORK = ("dlt", "as-known-at-*", "control-*")


def remove(settings: Settings) -> int:
    """Remove all but hiring.duckdb, which is replaced and not missed; returns how many reports.

    Former versions of it go. Raises OSError.
    """
    versions.remove(settings.home)
    files.remove(settings)
    reports = list(settings.reports.iterdir()) if settings.reports.is_dir() else []
    for path in (*_databases(settings), *_work(settings), *reports):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    durable.sync_directory(settings.home)
    return sum(1 for path in reports if path.name[:2].isdigit())


def made_since(settings: Settings, begun: float) -> tuple[str, ...]:
    """Names of the databases that were made after a time (seconds since 1970)."""
    files = (settings.warehouse, settings.published)
    return tuple(path.name for path in files if path.exists() and path.stat().st_mtime >= begun)


def _databases(settings: Settings) -> Iterator[Path]:
    for pattern in DATABASES:
        found = list(settings.home.glob(pattern))
        yield from (path for path in found if path != settings.published)


def _work(settings: Settings) -> Iterator[Path]:
    for pattern in WORK:
        yield from list(settings.state.glob(pattern))
