"""The dlt side: raw tables with keys and hints, exactly once, and the watermark read back.

A load is one `pipeline.run`. Each table of it is a transaction of its own, and only a row in
`_dlt_loads` says that the load is complete. So a killed load is simply loaded again, under a new
id: whenever a process starts, the rows of incomplete loads are swept, and dlt's working folder,
which may hold half a package, is thrown away. Rows are appended (shred.py leaves out what is
loaded), and no job of a load is tried twice: an error ends the run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from contract import durable, files, lake, raw
from contract.settings import Settings
from contract.sql import escaped

if TYPE_CHECKING:
    import dlt

NAME = "occupop"
STORAGE = "v1.4.0"  # the oldest DuckDB that reads it
MEMORY, LAKE_MEMORY = "256MB", "1GB"  # uploads and files' pages are held, too
LOG = "16MB"  # the greatest write-ahead log, as by DuckDB's default
Client = Any  # dlt's SQL client of the destination
_COMPLETE = "_dlt_load_id in (select load_id from _dlt_loads where status = 0)"
_DLT_TYPES: dict[str, dict[str, Any]] = {
    "varchar": {"data_type": "text"},
    "json": {"data_type": "text"},
    "double": {"data_type": "double"},
    "boolean": {"data_type": "bool"},
    "bigint": {"data_type": "bigint"},
    "timestamptz": {"data_type": "timestamp", "timezone": True, "precision": 6},
    "decimal(18,2)": {"data_type": "decimal", "precision": 18, "scale": 2},
}


def start(settings: Settings) -> dlt.Pipeline:
    """A dlt pipeline on the raw tables, its working folder empty. Raises lake.LakeUnreachable."""
    working_folder = settings.state / "dlt"
    shutil.rmtree(working_folder, ignore_errors=True)
    durable.make_directory(working_folder)
    _configure(working_folder, is_kept=settings.engine == "spark")
    import dlt

    return dlt.pipeline(
        NAME,
        pipelines_dir=str(working_folder),
        destination=_destination(settings),
        dataset_name=raw.SCHEMA,
    )


def _destination(settings: Settings) -> Any:
    import dlt
    from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

    if settings.engine == "spark":
        from pipelines.files import Files

        files.sweep(files.folder(settings))
        durable.make_directory(settings.spark)
        return Files(str(settings.spark))
    if settings.engine == "ducklake":
        from pipelines.lake import Lake

        connection = lake.connect(settings)
        connection.execute(f"set memory_limit = '{LAKE_MEMORY}'")
        return Lake(connection)
    _create(settings.warehouse)
    file = DuckDbCredentials(str(settings.warehouse))
    # Without the limit what was loaded stays in memory, batch after batch. A second thread shares
    # the work of no insert of this size: it took twice the CPU time, and no less wall time. Little
    # is deleted: to merge the row groups that end a load wrote a fifth of all rows again.
    file.global_config = {"memory_limit": MEMORY, "threads": 1, "max_vacuum_tasks": 0}
    # dlt lets the log grow to 1 GB: rows that fill no row group would be written twice.
    file.pragmas = [f"checkpoint_threshold='{LOG}'"]
    return dlt.destinations.duckdb(file)


def _create(warehouse: Path) -> None:
    """A file of the newest storage version: what is in it takes a tenth less room, and time."""
    if not warehouse.exists():
        with duckdb.connect(config={"storage_compatibility_version": STORAGE}) as connection:
            connection.execute(f"attach '{escaped(warehouse)}'")


def _configure(working_folder: Path, *, is_kept: bool) -> None:
    """dlt reads the environment; what it may find there is settled before it is imported.

    is_kept: whether the files it writes are the raw tables, and not read once and gone.
    """
    os.environ.update(
        {
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
            "LOAD__RAISE_ON_MAX_RETRIES": "1",
            # Its packages hold people's rows: none stays once it is loaded.
            "LOAD__DELETE_COMPLETED_JOBS": "true",
            "DATA_WRITER__COMPRESSION": "snappy" if is_kept else "none",
            "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
            "DLT_PROJECT_DIR": str(working_folder),
            "DLT_DATA_DIR": str(working_folder),
        }
    )


def held(pipeline: dlt.Pipeline) -> AbstractContextManager[Any]:
    """The warehouse stays open in this block.

    dlt opens and closes it for each job, and DuckDB writes a checkpoint whenever it is closed.
    """
    client: AbstractContextManager[Any] = pipeline.sql_client()
    return client


def load(
    pipeline: dlt.Pipeline, batches: Iterable[Mapping[str, pa.Table]], *, with_empty: bool
) -> str:
    """Load batches of tables as one; returns the load id. with_empty: makes empty tables, too.

    Raises dlt's own errors: their text carries values, so log the class alone.
    """
    info = pipeline.run(_source(batches, with_empty=with_empty), loader_file_format="parquet")
    info.raise_on_failed_jobs()
    return str(info.loads_ids[0])


def _source(batches: Iterable[Mapping[str, pa.Table]], *, with_empty: bool) -> Any:
    import dlt

    def deliveries() -> Iterator[Any]:
        hinted = set()  # dlt works hints out for every item that brings some
        for tables in batches:
            for name, rows in tables.items():
                if name not in hinted and (rows.num_rows or with_empty):
                    hinted.add(name)
                    yield dlt.mark.with_hints(rows, _hints(name), create_table_variant=True)
                elif rows.num_rows:
                    yield dlt.mark.with_table_name(rows, name)

    return dlt.resource(deliveries, name=NAME)


def _hints(name: str) -> Any:
    import dlt

    return dlt.mark.make_hints(
        table_name=name,
        write_disposition="append",
        primary_key=raw.TABLES[name].key,
        columns=_columns(raw.TABLES[name]),
    )


def _columns(table: raw.Table) -> list[dict[str, Any]]:
    return [
        {"name": c.name, "description": c.description, **_DLT_TYPES[c.type]} for c in table.columns
    ]


def watermark(client: Client) -> dict[str, int] | None:
    """slot -> last seq of the complete loads, read from the destination; None before any load."""
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    sql = f"select slot, max(seq) from loaded_segments where {_COMPLETE} group by slot"
    try:
        if not client.execute_sql("select 1 from _dlt_loads where status = 0 limit 1"):
            return None
        rows: Sequence[tuple[str, int]] = client.execute_sql(sql) or ()
    except DatabaseUndefinedRelation:
        return None
    return {slot: int(seq) for slot, seq in rows}


def sweep(settings: Settings, client: Client) -> None:
    """Delete the rows of loads that were killed: their batch is loaded again."""
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    if settings.engine == "spark":
        return  # files are swept before they are read: a torn one can't be
    for name in raw.TABLES:
        with suppress(DatabaseUndefinedRelation):  # the first load was killed before it
            client.execute_sql(f"delete from {name} where not ({_COMPLETE})")


def known_ids(pipeline: dlt.Pipeline, table: str, asked: pa.Table) -> pa.Table:
    """Of the event ids asked for (a column event_id) those that a raw table holds.

    They are compared where the history is: it is never read out, and where ids rise with time
    only the row groups of their range are looked at.
    """
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    sql = f"""select distinct event_id from {table}
        where {_COMPLETE} and event_id in (select event_id from asked)"""
    found: Sequence[tuple[str]] = ()
    with suppress(DatabaseUndefinedRelation), pipeline.sql_client() as client:
        client.native_connection.register("asked", asked.select(["event_id"]))
        try:
            found = client.execute_sql(sql) or ()
        finally:
            client.native_connection.unregister("asked")
    return pa.table({"event_id": pa.array([row[0] for row in found], pa.string())})
