"""Keeps the last versions of the published file beside it: yesterday's figures can be looked up."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from contract import durable, tombstones, twice, versions
from contract.settings import Settings

# The erasures that the kept versions know of. By name and not by time: clocks step back.
KNOWN = "erasures"
FOLDER_MODE = 0o750


def keep(settings: Settings, as_of: datetime | None) -> None:
    """Link the file that was just published, and remove what is more than HIRING_KEPT_VERSIONS.

    One as_of is one version, the last one published. After an erasure the former ones go: they
    know the erased. Raises OSError.
    """
    home = settings.home
    erased = erasures(home)
    known = versions.folder(home) / KNOWN
    before = known.read_bytes() if known.is_file() else None
    if before != erased or not settings.kept_versions:
        versions.remove(home)
    if as_of is None or not settings.kept_versions:
        return
    _make_folder(settings)
    durable.write(known, [erased])
    new = versions.path(home, as_of)
    _link(settings.published, new)
    # A rename between two links to one file leaves both; so does a kill before it.
    for torn in versions.folder(home).glob(f"*{durable.TEMPORARY}"):
        torn.unlink()
    others = [path for path in versions.kept(home) if path != new]
    for path in others[: max(0, len(others) + 1 - settings.kept_versions)]:
        path.unlink()
    durable.sync_directory(versions.folder(home))


def erasures(home: Path) -> bytes:
    """Those that a file published now knows of, a line each."""
    return "".join(f"{path.stem}\n" for path in twice.files(home, tombstones.KIND)).encode()


def _make_folder(settings: Settings) -> None:
    folder = versions.folder(settings.home)
    durable.make_directory(folder)
    folder.chmod(FOLDER_MODE)
    if settings.analyst_group is not None:
        shutil.chown(folder, group=settings.analyst_group)


def _link(file: Path, to: Path) -> None:
    """A link takes no space while the file is the published one. Replaces a former of the name."""
    temporary = to.with_name(to.name + durable.TEMPORARY)
    temporary.unlink(missing_ok=True)
    os.link(file, temporary)
    temporary.replace(to)
