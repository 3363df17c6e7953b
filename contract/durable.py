"""How a file becomes durable: temp, fsync, rename, fsync of the directory. In one place."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TEMPORARY = ".tmp"
STEP = 256 << 10


def make_directory(path: Path, mode: int = 0o700) -> None:
    """Create `path` and its missing parents, each durable in its own parent."""
    if path.is_dir():
        return
    make_directory(path.parent, mode)
    path.mkdir(exist_ok=True)
    path.chmod(mode)  # whatever the umask
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable: only then do they survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Make durable what another program wrote: a file, or the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, chunks: Iterable[bytes], mode: int = 0o600, step: int = STEP) -> None:
    """Write a whole file atomically and durably; a crash leaves the old file or the new one.

    step: bytes of a sync. One large sync would hold up the small ones of others.

    Raises OSError, and what the chunks raise, with the temporary file removed.
    """
    make_directory(path.parent)
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb", buffering=step) as file:
            ahead = 0
            for chunk in chunks:
                ahead += file.write(chunk)
                if ahead >= step:
                    os.fdatasync(file.fileno())
                    ahead = 0
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except Exception:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)
