"""The raw tables as a folder of Parquet files, which any engine reads: the layout, and the views.

    raw/<table>/<load id>.<file>.parquet   rows of a load
    raw/_dlt_loads/<schema>__<load id>.jsonl   that the load is complete; written last

A file of a load that is not complete does not count, and the next run removes it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from contract import durable, raw
from contract.settings import Settings
from contract.sql import escaped

if TYPE_CHECKING:
    import duckdb

LOADS = "_dlt_loads"
LOADS_COLUMNS = {"load_id": "varchar", "status": "bigint"}
_NAMES = "__"


def folder(settings: Settings) -> Path:
    return settings.spark / raw.SCHEMA


def complete_loads(root: Path) -> set[str]:
    """Ids of the loads that count."""
    return {note.stem.rpartition(_NAMES)[2] for note in (root / LOADS).glob(f"*{_NAMES}*.jsonl")}


def of_load(root: Path, load_id: str) -> Iterator[Path]:
    """The files that hold rows of a load."""
    return root.glob(f"*/{load_id}.*")


def sweep(root: Path) -> None:
    """Remove what a killed load left: its batch is loaded again."""
    complete = complete_loads(root)
    for path in root.glob("*/*"):
        is_rows = not path.parent.name.startswith("_") and path.suffix == ".parquet"
        is_dead = is_rows and _load_of(path) not in complete
        if is_dead or path.suffix == durable.TEMPORARY:
            path.unlink()


def remove(settings: Settings) -> None:
    """Remove all that a cluster reads and writes; the raw tables at once, so that a kill leaves
    them whole or gone. Raises OSError."""
    root = folder(settings)
    gone = root.with_name(root.name + ".gone")
    if gone.exists():
        shutil.rmtree(gone)
    if root.exists():
        root.rename(gone)
        durable.sync_directory(settings.spark)
    for path in settings.spark.glob("*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _load_of(path: Path) -> str:
    """Ids of loads are times: two numbers with a point between."""
    return ".".join(path.name.split(".")[:2])


def views(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Views of the raw tables in schema raw; none where there is no complete load yet."""
    connection.execute(f"create schema if not exists {raw.SCHEMA}")
    if not complete_loads(root):
        return
    columns = ", ".join(f"{name}: '{type_}'" for name, type_ in LOADS_COLUMNS.items())
    notes = f"read_json('{escaped(root / LOADS)}/*.jsonl', columns = {{{columns}}})"
    connection.execute(f"create view {raw.SCHEMA}.{LOADS} as from {notes}")
    for table in raw.TABLES.values():
        rows = f"read_parquet('{escaped(root / table.name)}/*.parquet', union_by_name = true)"
        if not any((root / table.name).glob("*.parquet")):
            rows = f"(select {_nulls(table)} limit 0)"
        connection.execute(f"create view {raw.SCHEMA}.{table.name} as from {rows}")


def _nulls(table: raw.Table) -> str:
    given = {column.name: column.type for column in table.columns} | {"_dlt_load_id": "varchar"}
    return ", ".join(f'null::{type_} as "{name}"' for name, type_ in given.items())
