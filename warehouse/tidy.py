"""The private lake stays small: each run leaves files and snapshots that nobody reads again."""

from __future__ import annotations

import duckdb

from contract import lake
from contract.settings import Settings

MANY = 30  # files of a table, or files of deleted rows
LARGE = 64 << 20  # bytes; larger files are left alone, so that a run's work is bounded


class TidyFailed(RuntimeError):
    """Files that nobody reads stay; the tables are published, and the next run tidies."""


def tidy(settings: Settings) -> None:
    """Join small files of tables that have many, then drop what only former snapshots hold.

    Only the run that holds the lock reads this lake, so no reader is left on those.
    Raises lake.LakeUnreachable, TidyFailed.
    """
    with lake.connect(settings) as connection:
        try:
            _tidy(connection)
        except duckdb.Error as error:
            raise TidyFailed(
                f"published, but the lake was not tidied ({type(error).__name__}):"
                " see that the store answers; the next run does it"
            ) from None


def _tidy(connection: duckdb.DuckDBPyConnection) -> None:
    for schema, table in _scattered(connection):
        connection.execute(
            f"call ducklake_rewrite_data_files('{lake.NAME}', '{table}', schema => '{schema}')"
        )
        connection.execute(
            f"call ducklake_merge_adjacent_files('{lake.NAME}', '{table}',"
            f" schema => '{schema}', max_file_size => {LARGE})"
        )
    connection.execute(f"call ducklake_expire_snapshots('{lake.NAME}', older_than => now())")
    for call in ("cleanup_old_files", "delete_orphaned_files"):  # the latter of killed runs
        connection.execute(f"call ducklake_{call}('{lake.NAME}', cleanup_all => true)")


def _scattered(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of tables with many files."""
    return connection.execute(
        f"select schema_name, table_name from ducklake_table_info('{lake.NAME}')"
        f" inner join __ducklake_metadata_{lake.NAME}.{lake.PRIVATE}.ducklake_schema"
        " using (schema_id)"
        f" where end_snapshot is null and (file_count >= {MANY} or delete_file_count >= {MANY})"
    ).fetchall()
