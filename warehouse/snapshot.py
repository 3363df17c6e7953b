"""The marts of a warehouse written into a file: all rows, or those that were touched."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb

from contract import durable, warehouse
from contract.settings import Settings
from contract.sql import escaped
from warehouse import copied, former
from warehouse.descriptions import Mart, marts

# Clients of DuckDB 1.4 and later open it.
STORAGE_VERSION = "v1.4.0"
# Tables at a time: one alone leaves a core idle while it is sorted. A table that one thread writes
# is compressed when it is committed, and commits wait for each other.
AT_ONCE = 2
# A smaller table is written whole, and so sorted; of a larger one up to this share is appended.
SMALL = 5_000
UNSORTED_SHARE = 1 / 8
# What patches leave free in a file is copied, too: beyond both it is written whole.
FREE_SHARE, FREE_BLOCKS = 1 / 3, 64


@dataclass(frozen=True)
class Snapshot:
    """Rows by table, up to when events are known, and what it is made of."""

    tables: dict[str, int]
    as_of: datetime | None
    made: former.Made | None


@dataclass(frozen=True)
class _Written:
    name: str
    rows: int
    patched: int


def take(settings: Settings, file: Path) -> Snapshot:
    """Write `file` from the warehouse. Raises duckdb.Error, lake.LakeUnreachable, OSError."""
    described = marts()
    with _source(settings) as connection:
        # Little is deleted: merging row groups would only write them again.
        connection.execute("set max_vacuum_tasks = 0")
        made = former.made(settings, connection, described)
        patched = former.patched(settings, made)
        if patched is not None and not _is_loose(settings.published):
            copied.to(settings, file)
            try:
                with ThreadPoolExecutor(1) as disk:
                    disk.submit(durable.sync, file)  # most of it is on disk when it is finished
                    return _write(connection, described, file, made, patched)
            except duckdb.Error:  # a damaged file would hold up all publications
                remove(file)
        return _write(connection, described, file, made, {})


def _is_loose(file: Path) -> bool:
    """Whether much of a file is free, or nobody can tell."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            sql = "select free_blocks, total_blocks from pragma_database_size()"
            ((free, blocks),) = connection.execute(sql).fetchall()
    except duckdb.Error:
        return True
    return bool(free >= FREE_BLOCKS and free > blocks * FREE_SHARE)


def remove(file: Path) -> None:
    """Remove a file that was not finished, and its log."""
    for path in (file, file.with_name(file.name + ".wal")):
        path.unlink(missing_ok=True)


def _write(
    connection: duckdb.DuckDBPyConnection,
    described: list[Mart],
    file: Path,
    made: former.Made | None,
    patched: dict[str, int],
) -> Snapshot:
    with _attached(connection, file), ThreadPoolExecutor(AT_ONCE) as writers:
        write = partial(_write_mart, connection, patched, _in_order(connection, described, made))
        written = sorted(writers.map(write, _largest_first(described)), key=lambda one: one.name)
        as_of = connection.execute("select as_of from published.main.freshness").fetchone()
    if made is not None:
        made = replace(made, patched={one.name: one.patched for one in written})
    return Snapshot({one.name: one.rows for one in written}, as_of[0] if as_of else None, made)


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[None]:
    """The file as catalog `published`."""
    connection.execute(
        # Nobody needs a file that was not finished: without a log no commit waits for the disk.
        f"attach '{_quoted(file)}' as published"
        f" (storage_version '{STORAGE_VERSION}', recovery_mode no_wal_writes)"
    )
    file.chmod(copied.MODE)
    try:
        yield
    finally:
        connection.execute("detach published")


def _largest_first(described: list[Mart]) -> list[Mart]:
    """Those with a row per candidate, so that the small ones fill what time is left."""
    return sorted(described, key=lambda mart: "candidate_uuid" not in mart.grain)


def _in_order(
    connection: duckdb.DuckDBPyConnection, described: list[Mart], made: former.Made | None
) -> frozenset[str]:
    """Marts whose rows stand in the order of their grain: tables that the last build made whole."""
    if made is None:
        return frozenset()
    tables = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'warehouse' and schema_name = 'main'"
    ).fetchall()
    whole = {mart.name for mart in described if mart.key is None or made.is_built_whole}
    return frozenset(name for (name,) in tables if name in whole)


def _source(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The warehouse as catalog `warehouse`: views of dbt carry that name."""
    if settings.engine == "ducklake" or warehouse.is_held(settings):
        return warehouse.connect(settings)
    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{_quoted(settings.warehouse)}' as warehouse (read_only)")
    return connection


def _write_mart(
    connection: duckdb.DuckDBPyConnection,
    patched: dict[str, int],
    in_order: frozenset[str],
    mart: Mart,
) -> _Written:
    """On a connection of its own, to be at work beside others."""
    with connection.cursor() as own:
        own.execute("set TimeZone = 'UTC'")
        own.execute("begin")
        written = _patch(own, mart, patched[mart.name]) if mart.name in patched else None
        if written is None:
            written = _replace(own, mart, is_in_order=mart.name in in_order)
        own.execute("commit")
    return written


def _patch(own: duckdb.DuckDBPyConnection, mart: Mart, so_far: int) -> _Written | None:
    """Replace the touched rows; None where the table is to be written whole."""
    if mart.key is None:
        return None
    target = f'published.main."{mart.name}"'
    touched = f'"{mart.key}" in (select "{mart.key}" from warehouse.main."{mart.scope}")'
    (rows,) = own.execute(f"select count(*) from {target}").fetchall()[0]
    if rows <= SMALL:
        return None
    (gone,) = own.execute(f"delete from {target} where {touched}").fetchall()[0]
    if so_far + gone > rows * UNSORTED_SHARE:
        return None
    is_passed = _is_passed(own, mart)
    rows_of = _rows(mart, "passing") if is_passed else _rows(mart, "warehouse", touched)
    (new,) = own.execute(f"insert into {target} {rows_of}{_order(mart)}").fetchall()[0]
    return _Written(mart.name, rows - gone + new, so_far + new)


def _replace(own: duckdb.DuckDBPyConnection, mart: Mart, *, is_in_order: bool) -> _Written:
    target = f'published.main."{mart.name}"'
    rows_of = _rows(mart, "warehouse") + ("" if is_in_order else _order(mart))
    sql = f"create or replace table {target} as {rows_of}"
    (rows,) = own.execute(sql).fetchall()[0]
    for statement in mart.comments(target):
        own.execute(statement)
    return _Written(mart.name, rows, 0)


def _rows(mart: Mart, catalog: str, which: str = "true") -> str:
    columns = ", ".join(f'"{name}"' for name in mart.columns)
    return f'select {columns} from {catalog}.main."{mart.name}" where {which}'


def _is_passed(own: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Whether the build, in this process, has put the touched rows apart."""
    if not mart.has_touched:
        return False
    sql = "select count(*) from duckdb_tables() where database_name = 'passing' and table_name = ?"
    ((found,),) = own.execute(sql, [mart.name]).fetchall()
    return bool(found)


def _order(mart: Mart) -> str:
    grain = ", ".join(f'"{name}"' for name in mart.grain)
    return f" order by {grain}"


def _quoted(path: Path) -> str:
    return escaped(str(path.resolve()))
