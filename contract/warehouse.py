"""The warehouse as a DuckDB connection, wherever the engine keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract import lake
from contract.settings import Settings

if TYPE_CHECKING:
    import duckdb


def connect(settings: Settings, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Raw tables in schema raw, models in main; names without a catalog mean the warehouse.

    Raises duckdb.Error, lake.LakeUnreachable.
    """
    if settings.engine == "ducklake":
        return lake.connect(settings)
    import duckdb

    connection = duckdb.connect(str(settings.warehouse), read_only=read_only)
    connection.execute("set TimeZone = 'UTC'")
    return connection
