"""Snapshot and atomic switch of hiring.duckdb: readers never wait and only see whole runs."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contract import durable
from contract.settings import Settings
from warehouse import copied, former, snapshot
from warehouse.keep import keep
from warehouse.share import share
from warehouse.tidy import tidy


class PublishFailed(RuntimeError):
    """The published file could not be replaced; the former one stands. Never quotes a value."""


@dataclass(frozen=True)
class Publication:
    """What was published: rows by table, size of the file, seconds it took."""

    tables: dict[str, int]
    bytes: int
    seconds: float

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def publish(settings: Settings) -> Publication:
    """Replace hiring.duckdb by a snapshot of the marts, by rename.

    Only described columns of described marts are published; of what was published before, the rows
    that new loads touched are written. The last versions are kept beside it.
    Of a lake, analysts' lake is brought up to date, too.
    Raises PublishFailed, share.ShareFailed, lake.LakeUnreachable, OSError.
    """
    started = time.monotonic()
    target = settings.published
    temporary = target.with_name(target.name + durable.TEMPORARY)
    snapshot.remove(temporary)  # a killed publication left it
    _refuse_stale_wal(target)
    try:
        taken = snapshot.take(settings, temporary)
        _finish(temporary, settings.analyst_group)
        size = temporary.stat().st_size
        temporary.replace(target)
    except duckdb.Error as error:
        raise PublishFailed(f"publishing failed with {type(error).__name__}") from None
    finally:
        snapshot.remove(temporary)
        copied.sweep(settings)
    durable.sync_directory(target.parent)
    former.note(settings, taken.made)
    keep(settings, taken.as_of)
    if settings.engine == "ducklake":
        share(settings)
        tidy(settings)
    return Publication(taken.tables, size, time.monotonic() - started)


def _refuse_stale_wal(target: Path) -> None:
    """DuckDB would replay such a log into the new file, silently."""
    wal = target.with_name(target.name + ".wal")
    if wal.exists():
        raise PublishFailed(
            f"{wal.name} stands beside {target.name}: someone opened it for writing."
            " Close that program and remove the .wal file"
        )


def _finish(temporary: Path, group: str | None) -> None:
    """Whole, durable and readable by whom it is for, before anyone can see it."""
    if temporary.with_name(temporary.name + ".wal").exists():
        raise PublishFailed("the new file could not be written whole")
    if group is not None:
        try:
            shutil.chown(temporary, group=group)
        except (LookupError, PermissionError) as error:
            raise PublishFailed(
                "HIRING_ANALYST_GROUP names a group that does not exist or that this user"
                " is not a member of"
            ) from error
    durable.sync(temporary)
