"""The raw tables as they are found: of an older version, of this one, or of a newer one."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from contract import formats, raw
from pipelines.occupop import Client


def missing_columns(client: Client, warehouse: Path) -> list[str]:
    """`table.column` of what raw tables of an older version lack; a load with_empty adds it.

    Raises formats.NewerHome for the tables of a newer version.
    """
    columns = client.execute_sql(
        "select table_name, column_name from information_schema.columns"
        f" where table_schema = '{raw.SCHEMA}'"
    )
    found = defaultdict[str, set[str]](set)
    for table, column in columns or ():
        found[table].add(column)
    if "format" in found["loaded_segments"]:
        newest = client.execute_sql("select max(format) from loaded_segments")
        formats.refuse_newer_raw(warehouse, (newest and newest[0][0]) or formats.FIRST)
    return [
        f"{name}.{column}"
        for name, table in raw.TABLES.items()
        for column in table.column_names()
        if found["_dlt_loads"] and column not in found[name]
    ]
