"""Rows that DuckDB moves to disk when a build needs more memory than macros/memory.sql allows.

It removes them itself, unless it is killed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from contract.settings import Settings


def folder(settings: Settings) -> Path:
    """Where DuckDB puts them: beside the file that it works on."""
    return settings.warehouse.with_name(settings.warehouse.name + ".tmp")


def sweep(settings: Settings) -> None:
    """Remove what a killed build left: rows of people, whoever is erased by now."""
    shutil.rmtree(folder(settings), ignore_errors=True)
