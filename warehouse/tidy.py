"""The private lake stays small: each run leaves files and snapshots that nobody reads again."""

from __future__ import annotations

import duckdb

from contract import lake
from contract.settings import Settings

MANY = 30  # files of a table, or files of deleted rows
LARGE = 64 << 20  # bytes; larger files are left alone, so that a run's work is bounded


def tidy(settings: Settings) -> None:
    """Join small files of tables that have many, then drop what only former snapshots hold.

    Only the run that holds the lock reads this lake, so no reader is left on those.
    Raises lake.LakeUnreachable; what fails beyond is done by a later run.
    """
    with lake.connect(settings) as connection:
        for schema, table in _scattered(connection):
            connection.execute(
                f"call ducklake_rewrite_data_files('{lake.NAME}', '{table}', schema => '{schema}')"
            )
            connection.execute(
                f"call ducklake_merge_adjacent_files('{lake.NAME}', '{table}',"
                f" schema => '{schema}', max_file_size => {LARGE})"
            )
        connection.execute(f"call ducklake_expire_snapshots('{lake.NAME}', older_than => now())")
        connection.execute(f"call ducklake_cleanup_old_files('{lake.NAME}', cleanup_all => true)")


def _scattered(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of tables with many files."""
    return connection.execute(
        f"select schema_name, table_name from ducklake_table_info('{lake.NAME}')"
        f" inner join __ducklake_metadata_{lake.NAME}.{lake.PRIVATE}.ducklake_schema"
        " using (schema_id)"
        f" where end_snapshot is null and (file_count >= {MANY} or delete_file_count >= {MANY})"
    ).fetchall()
