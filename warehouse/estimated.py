"""The tables of the estimates, and what those that stand were made of.

est_made says up to when events were known to them, and which loads were covered. While only new
loads come, a job's estimates stand until a load or time itself changes what they count; in any
doubt est_made is emptied, and all are made anew.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from warehouse import covered

DECIMALS = 10  # of what is kept
QUERIES = Path(__file__).parent / "estimates"


def forget_unless_followed(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty est_made, unless the last build began with the loads that it names."""
    known = connection.execute("select loads from main.est_made").fetchall()
    if not {loads for (loads,) in known} & set(covered.digests(connection, "main")):
        connection.execute("delete from main.est_made")


def touch(connection: duckdb.DuckDBPyConnection) -> None:
    """Make est_touched: the scopes that are estimated anew."""
    run(connection, "touched")


def run(connection: duckdb.DuckDBPyConnection, name: str) -> duckdb.DuckDBPyConnection:
    """Run estimates/<name>.sql, where all speak of the same bins."""
    texts = [(QUERIES / f"{each}.sql").read_text() for each in ("bins", name)]
    return connection.execute("".join(texts))


def replace(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Put these rows in the place of those of the touched scopes; of a table without, of all."""
    touched = "scope <> 'job' or scope_value in (select scope_value from main.est_touched)"
    connection.register("estimated", _same_everywhere(rows))
    connection.execute("begin")
    connection.execute(
        f"delete from main.{table} where {touched if 'scope' in rows.column_names else 'true'}"
    )
    connection.execute(f"insert into main.{table} by name select * from estimated")
    connection.execute("commit")
    connection.unregister("estimated")


def note(connection: duckdb.DuckDBPyConnection) -> None:
    """Say what all estimates are made of by now."""
    loads, _ = covered.digests(connection, "main")
    connection.execute("begin")
    connection.execute("delete from main.est_made")
    connection.execute("insert into main.est_made select as_of, ? from main.freshness", [loads])
    connection.execute("commit")


def _same_everywhere(rows: pa.Table) -> pa.Table:
    """Without the last digits: logarithms and powers end otherwise on another kind of processor."""
    for place, column in enumerate(rows.schema):
        if pa.types.is_floating(column.type):
            rounded = pc.round(rows[place], ndigits=DECIMALS)
            rows = rows.set_column(place, column, rounded)
    return rows
