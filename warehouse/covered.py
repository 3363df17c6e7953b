"""Digests of the loads whose events are in the models."""

from __future__ import annotations

import duckdb

_ALL = "select count(*), sum(hash(load_id)) from {0}.covered_loads"
_FORMER = _ALL + " where load_id not in (select load_id from {0}.new_loads)"
NONE = "(0, None)"


def digests(connection: duckdb.DuckDBPyConnection, schema: str) -> tuple[str, str]:
    """Of all, and of those before the last build.

    Raises duckdb.CatalogException where dbt made no such tables.
    """
    every, former = (
        str(connection.execute(sql.format(schema)).fetchone()) for sql in (_ALL, _FORMER)
    )
    return every, former
