"""Two published files of one landing zone, made by different engines: where do they differ?

Rows are matched by what a table has a row per. Counts, times and texts must be equal; a DOUBLE may
differ by 1e-9 of its size, since engines add and take roots in an order of their own.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.descriptions import Mart, marts

TOLERANCE = 1e-9
# A load's id is the time at which it began: two loads of one landing zone have two.
MAY_DIFFER = {("freshness", "last_load_id")}
SHOWN = 3  # rows of each column that differs


def differences(expected: Path, found: Path) -> list[str]:
    """What differs between two published files, a line each; none when they agree."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{expected}' as expected (read_only)")
        connection.execute(f"attach '{found}' as found (read_only)")
        differ = _layout(connection)
        return differ or [line for mart in marts() for line in _rows(connection, mart)]


def _layout(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables and columns, types among them, that only one has."""
    columns = (
        "select table_name, column_name, data_type from duckdb_columns() where database_name = ?"
        " and schema_name = 'main' and not internal"
    )
    sides = [set(connection.execute(columns, [side]).fetchall()) for side in ("expected", "found")]
    missing, extra = sorted(sides[0] - sides[1]), sorted(sides[1] - sides[0])
    absent = {mart.name for mart in marts()} - {table for table, *_ in sides[0] & sides[1]}
    return [
        *(f"{name}: not in both" for name in sorted(absent)),
        *(f"{table}.{column} {type_}: missing" for table, column, type_ in missing),
        *(f"{table}.{column} {type_}: too many" for table, column, type_ in extra),
    ]


def _rows(connection: duckdb.DuckDBPyConnection, mart: Mart) -> list[str]:
    counts = [_count(connection, side, mart.name) for side in ("expected", "found")]
    if counts[0] != counts[1]:
        return [f"{mart.name}: {counts[0]:,} rows expected, {counts[1]:,} found"]
    if alone := _alone(connection, mart):
        return [f"{mart.name}: {alone:,} keys ({', '.join(mart.grain)}) are in one only"]
    joined = " and ".join(f'e."{name}" is not distinct from f."{name}"' for name in mart.grain)
    source = f'expected.main."{mart.name}" as e join found.main."{mart.name}" as f'
    source += f" on {joined or 'true'}"
    doubles = _doubles(connection, mart.name)
    return [
        line
        for column in mart.columns
        if column not in mart.grain and (mart.name, column) not in MAY_DIFFER
        for line in _column(connection, mart, source, column, column in doubles)
    ]


def _alone(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """Keys of `expected` that `found` has not as often; both have as many rows."""
    if not mart.grain:
        return 0
    keys = ", ".join(f'"{name}"' for name in mart.grain)
    row = connection.execute(
        f'select count(*) from (select {keys} from expected.main."{mart.name}"'
        f' except all select {keys} from found.main."{mart.name}")'
    ).fetchone()
    return int(row[0]) if row else 0


def _column(
    connection: duckdb.DuckDBPyConnection, mart: Mart, source: str, column: str, is_double: bool
) -> list[str]:
    left, right = f'e."{column}"', f'f."{column}"'
    equal = f"{left} is not distinct from {right}"
    if is_double:
        near = f"{TOLERANCE} * greatest(1, abs({left}), abs({right}))"
        equal = f"({equal} or coalesce(abs({left} - {right}) <= {near}, false))"
    key = ", ".join(f'e."{name}"' for name in mart.grain)
    rows = connection.execute(
        f"select {left}, {right}, {key or 1} from {source} where not {equal} order by all"
    ).fetchall()
    shown = "; ".join(f"{row[2:]}: {row[0]!r}, not {row[1]!r}" for row in rows[:SHOWN])
    return [f"{mart.name}.{column}: {len(rows):,} rows differ, {shown}"] if rows else []


def _doubles(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'expected'"
        " and table_name = ? and data_type = 'DOUBLE'",
        [table],
    ).fetchall()
    return {name for (name,) in rows}


def _count(connection: duckdb.DuckDBPyConnection, side: str, table: str) -> int:
    row = connection.execute(f'select count(*) from {side}.main."{table}"').fetchone()
    return int(row[0]) if row else 0
