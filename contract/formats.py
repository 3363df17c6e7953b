"""Formats of what lies on disk, so that no program works on what a newer one wrote.

Each store says its own format, since each may travel alone: a landing zone out of a backup, the
published file on an analyst's desk.

    landing/_format              of lines, segments and manifest; none: 1
    freshness.format             of the published tables; no such column: 1
    raw.loaded_segments.format   of the raw tables, in each row; no such column: 1

A format is raised when a program of before would misread what is written now. Older landing zones
are read as they are; older published files are replaced, and columns that raw tables lack are
added, by the next `hiring sync`.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from contract import durable

LANDING = PARQUET = 2  # 2: a segment is Parquet; a landing zone without one is of format 1
RAW = 2  # 2: says its format
PUBLISHED = 2  # 2: says its format; curves of time in stage
FIRST = 1
_UPGRADE = "install the version of hiring that wrote it, or a later one"


class NewerHome(RuntimeError):
    """A newer version wrote this; the text says what, and what to do."""


class OlderPublished(RuntimeError):
    """The published file is of an older version; the text names the command that renews it."""


def landing_format(root: Path) -> int:
    """Of the landing zone at `root`. Raises NewerHome when the mark can't be read."""
    try:
        return int((root / "_format").read_bytes())
    except FileNotFoundError:
        return FIRST
    except ValueError:
        raise NewerHome(f"{root / '_format'} holds no number: {_UPGRADE}") from None


def note_landing(root: Path, needed: int) -> None:
    """Say which format is needed to read it from now on; called before something of it stands.

    Whoever seals first says so, and several may be the first at once.
    """
    if _is_noted(root, needed):
        return
    durable.make_directory(root)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # goes with the descriptor
        if not _is_noted(root, needed):
            durable.write(root / "_format", [b"%d\n" % needed])
    finally:
        os.close(descriptor)


def _is_noted(root: Path, needed: int) -> bool:
    return landing_format(root) >= needed and (root / "_format").exists()


def refuse_newer_landing(root: Path) -> None:
    """Raises NewerHome."""
    found = landing_format(root)
    if found > LANDING:
        raise NewerHome(
            f"{root} is of format {found}, and this version of hiring knows {LANDING}: {_UPGRADE}"
        )


def refuse_newer_raw(warehouse: Path, found: int) -> None:
    """`found`: of the raw tables in `warehouse`. Raises NewerHome."""
    if found > RAW:
        raise NewerHome(
            f"{warehouse} is of format {found}, and this version of hiring knows {RAW}: {_UPGRADE};"
            " or rebuild it from the landing zone with `hiring sync --full-refresh`"
        )


def published_format(published: Path) -> int | None:
    """Of the published file; None when there is none that can be read."""
    import duckdb

    if not published.exists():
        return None
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            names = connection.execute("select column_name from duckdb_columns()").fetchall()
            if ("format",) not in names:
                return FIRST
            row = connection.execute("select format from freshness").fetchone()
    except duckdb.Error:
        return None
    return int(row[0]) if row else FIRST


def refuse_newer_published(published: Path) -> None:
    """Raises NewerHome."""
    found = published_format(published) or 0
    if found > PUBLISHED:
        raise NewerHome(
            f"{published} is of format {found}, and this version of hiring knows {PUBLISHED}:"
            f" {_UPGRADE}; or remove {published.name} and run `hiring sync --full-refresh` to"
            " build all tables anew with this one"
        )


def refuse_older_published(published: Path) -> None:
    """Raises OlderPublished."""
    found = published_format(published) or PUBLISHED
    if found < PUBLISHED:
        raise OlderPublished(
            f"{published} is of format {found}, and reports need {PUBLISHED}: run `hiring sync`"
        )
