"""The warehouse as a DuckDB connection, wherever the engine keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from contract import lake
from contract.settings import Settings

if TYPE_CHECKING:
    import duckdb

_held: dict[Path, duckdb.DuckDBPyConnection] = {}


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """The file stays open in this block: what was read stays in memory, and what was written goes
    into it once, at the end. Other engines hold nothing."""
    if settings.engine != "duckdb" or settings.warehouse in _held:
        yield
        return
    with connect(settings) as connection:
        _held[settings.warehouse] = connection
        try:
            yield
        finally:
            del _held[settings.warehouse]


@contextmanager
def written_back(settings: Settings) -> Iterator[None]:
    """What the held file has in memory is written into it while this block reads the warehouse."""
    with ThreadPoolExecutor(1, "checkpoint") as beside:
        if is_held(settings):
            beside.submit(_checkpoint, settings)
        yield


def _checkpoint(settings: Settings) -> None:
    import duckdb

    # Where it can't be, it is done when the file is let go.
    with connect(settings) as connection, suppress(duckdb.Error):
        connection.execute("checkpoint")


def leave_unfit_log(settings: Settings) -> bool:
    """Remove the write-ahead log of a file that was put back from an older copy; whether it was.

    DuckDB opens no file with the log of a newer one. What the log held is loaded and built again.
    """
    log = settings.warehouse.with_name(f"{settings.warehouse.name}.wal")
    if settings.engine != "duckdb" or not (log.exists() and settings.warehouse.exists()):
        return False
    import duckdb

    try:
        duckdb.connect(str(settings.warehouse)).close()
    except duckdb.IOException as error:
        is_unfit = "checkpoint iteration does not match" in str(error)  # or another has it open
        if is_unfit:
            log.unlink()
        return is_unfit
    return False


def is_held(settings: Settings) -> bool:
    return settings.warehouse in _held


def connect(settings: Settings, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Raw tables in schema raw, models in main; names without a catalog mean the warehouse.

    Raises duckdb.Error, lake.LakeUnreachable.
    """
    if settings.engine == "ducklake":
        return lake.connect(settings)
    if is_held(settings):
        connection = _held[settings.warehouse].cursor()
    else:
        import duckdb

        connection = duckdb.connect(str(settings.warehouse), read_only=read_only)
    connection.execute("set TimeZone = 'UTC'")
    return connection
