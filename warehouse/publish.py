"""Snapshot and atomic switch of hiring.duckdb: readers never wait and only see whole runs."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb

from contract import durable, lake
from contract.settings import Settings
from contract.sql import escaped
from warehouse.descriptions import Mart, marts
from warehouse.keep import keep
from warehouse.share import share
from warehouse.tidy import tidy

# Clients of DuckDB 1.4 and later open it.
STORAGE_VERSION = "v1.4.0"
MODE = 0o640
# Tables at a time: one alone leaves a core idle while it is sorted.
AT_ONCE = 2


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

    Only described columns of described marts are copied. The last versions are kept beside it.
    Of a lake, analysts' lake is brought up to date, too.
    Raises PublishFailed, share.ShareFailed, lake.LakeUnreachable, OSError.
    """
    started = time.monotonic()
    target = settings.published
    temporary = target.with_name(target.name + durable.TEMPORARY)
    sweep(settings)
    _refuse_stale_wal(target)
    try:
        tables, as_of = _copy(settings, temporary)
        _finish(temporary, settings.analyst_group)
        size = temporary.stat().st_size
        temporary.replace(target)
    except duckdb.Error as error:
        raise PublishFailed(f"publishing failed with {type(error).__name__}") from None
    finally:
        sweep(settings)
    durable.sync_directory(target.parent)
    keep(settings, as_of)
    if settings.engine == "ducklake":
        share(settings)
        tidy(settings)
    return Publication(tables, size, time.monotonic() - started)


def sweep(settings: Settings) -> None:
    """Remove what a killed publication left."""
    for suffix in (durable.TEMPORARY, durable.TEMPORARY + ".wal"):
        settings.published.with_name(settings.published.name + suffix).unlink(missing_ok=True)


def _refuse_stale_wal(target: Path) -> None:
    """DuckDB would replay such a log into the new file, silently."""
    wal = target.with_name(target.name + ".wal")
    if wal.exists():
        raise PublishFailed(
            f"{wal.name} stands beside {target.name}: someone opened it for writing."
            " Close that program and remove the .wal file"
        )


def _copy(settings: Settings, temporary: Path) -> tuple[dict[str, int], datetime | None]:
    with _source(settings) as connection:
        connection.execute(
            f"attach '{_quoted(temporary)}' as published (storage_version '{STORAGE_VERSION}')"
        )
        temporary.chmod(MODE)
        # Nothing is deleted in a new file: merging row groups would only write them again.
        connection.execute("set max_vacuum_tasks = 0")
        _leave_cores_to_callers(connection)
        with ThreadPoolExecutor(AT_ONCE) as copies:
            tables = dict(copies.map(partial(_copy_mart, connection), _largest_first()))
        as_of = connection.execute("select as_of from published.main.freshness").fetchone()
        connection.execute("detach published")
    return dict(sorted(tables.items())), as_of[0] if as_of else None


def _leave_cores_to_callers(connection: duckdb.DuckDBPyConnection) -> None:
    """Who asks works, too: with more threads than cores a table takes a tenth more CPU time."""
    (threads,) = connection.execute("select current_setting('threads')").fetchall()[0]
    connection.execute(f"set threads = {max(1, threads - AT_ONCE + 1)}")


def _largest_first() -> list[Mart]:
    """Those with a row per candidate, so that the small ones fill what time is left."""
    return sorted(marts(), key=lambda mart: "candidate_uuid" not in mart.grain)


def _source(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The warehouse as catalog `warehouse`: views of dbt carry that name."""
    if settings.engine == "ducklake":
        return lake.connect(settings)
    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{_quoted(settings.warehouse)}' as warehouse (read_only)")
    return connection


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: Mart) -> tuple[str, int]:
    """On a connection of its own, to be at work beside others. Name and rows."""
    columns = ", ".join(f'"{name}"' for name in mart.columns)
    order = ", ".join(f'"{name}"' for name in mart.grain)
    target = f'published.main."{mart.name}"'
    with connection.cursor() as own:
        own.execute("set TimeZone = 'UTC'")
        own.execute("begin")
        row = own.execute(
            f'create table {target} as select {columns} from warehouse.main."{mart.name}"'
            f" order by {order}"
        ).fetchone()
        own.execute(f"comment on table {target} is '{escaped(mart.description)}'")
        for name, description in mart.columns.items():
            own.execute(f"comment on column {target}.\"{name}\" is '{escaped(description)}'")
        own.execute("commit")
    return mart.name, int(row[0]) if row else 0


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
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(path: Path) -> str:
    return escaped(str(path.resolve()))
