"""The published file, copied while models are built: the next one most likely begins so."""

from __future__ import annotations

import shutil
from pathlib import Path

from contract import durable
from contract.settings import Settings

MODE = 0o640
_NAME = "published-{inode}-{time}.duckdb"  # of the file that it is a copy of, as it was


def ahead(settings: Settings) -> None:
    """Copy the published file, if there is one and room for another."""
    sweep(settings)
    try:
        copy = _path(settings)
        part = copy.with_name(copy.name + durable.TEMPORARY)
        _copy(settings.published, part)
        durable.sync(part)
        part.replace(copy)
    except OSError:
        sweep(settings)  # what is left of the room is for those that need it


def to(settings: Settings, file: Path) -> None:
    """Make `file` a copy of the published one, at no cost if that was copied ahead."""
    try:
        _path(settings).replace(file)
    except OSError:
        _copy(settings.published, file)


def sweep(settings: Settings) -> None:
    """Remove what was copied and not used."""
    for path in settings.state.glob(_NAME.format(inode="*", time="*") + "*"):
        path.unlink(missing_ok=True)


def _path(settings: Settings) -> Path:
    stat = settings.published.stat()
    return settings.state / _NAME.format(inode=stat.st_ino, time=stat.st_mtime_ns)


def _copy(source: Path, to_: Path) -> None:
    to_.touch(MODE)  # nobody else reads it while it is copied, either
    shutil.copyfile(source, to_)
