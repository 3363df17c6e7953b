"""The dlt side: raw tables with keys and hints, exactly once, and the watermark read back.

A load is one `pipeline.run`. Each table of it is a transaction of its own, and only a row in
`_dlt_loads` says that the load is complete. So a killed load is simply loaded again, under a new
id: whenever a process starts, the rows of incomplete loads are swept, and dlt's working folder,
which may hold half a package, is thrown away. Rows are appended (shred.py leaves out what is
loaded), and no job of a load is tried twice: an error ends the run.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from contract import durable, files, lake, raw
from contract.settings import Settings
from contract.sql import escaped
from pipelines.staged import KEPT, LOAD_ID, READ_ONCE, Staged

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
_LOADED = {"name": LOAD_ID, "data_type": "text", "nullable": False}


def start(settings: Settings) -> dlt.Pipeline:
    """A dlt pipeline on the raw tables, its working folder empty. Raises lake.LakeUnreachable."""
    working_folder = settings.state / "dlt"
    shutil.rmtree(working_folder, ignore_errors=True)
    durable.make_directory(working_folder)
    _configure(working_folder)
    is_imported = "dlt" in sys.modules
    import dlt

    if not is_imported:
        gc.freeze()  # what was imported is never garbage, and would be looked at again and again
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


def _configure(working_folder: Path) -> None:
    """dlt reads the environment; what it may find there is settled before it is imported."""
    os.environ.update(
        {
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
            "LOAD__RAISE_ON_MAX_RETRIES": "1",
            # Its packages hold people's rows: none stays once it is loaded.
            "LOAD__DELETE_COMPLETED_JOBS": "true",
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
    settings: Settings,
    pipeline: dlt.Pipeline,
    batches: Iterable[Mapping[str, pa.Table]],
    *,
    with_empty: bool,
) -> str:
    """Load batches of tables as one; returns the load id. with_empty: makes empty tables, too.

    Raises dlt's own errors: their text carries values, so log the class alone.
    """
    options = KEPT if settings.engine == "spark" else READ_ONCE
    with tempfile.TemporaryDirectory(dir=pipeline.pipelines_dir) as folder:
        staged = Staged(batches, Path(folder), options)
        resources = [_resource(name, staged, with_empty=with_empty) for name in raw.TABLES]
        info = pipeline.run(resources, loader_file_format="parquet")
    info.raise_on_failed_jobs()
    return str(info.loads_ids[0])


def _resource(name: str, staged: Staged, *, with_empty: bool) -> Any:
    import dlt

    def rows() -> Iterator[Any]:
        count = staged.rows(dlt.current.load_package_state()["load_id"])[name]
        if count:
            yield dlt.mark.with_file_import(str(staged.path(name)), "parquet", count)
        elif with_empty:  # of a file without rows dlt would make nothing
            yield parquet.read_table(staged.path(name))

    return dlt.resource(
        rows,
        name=name,
        write_disposition="append",
        primary_key=raw.TABLES[name].key,
        columns=[*_columns(raw.TABLES[name]), _LOADED],
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


@dataclass
class History:
    """What was loaded before a load, and is asked about while that is read.

    dlt works its configuration out for every client: one is opened when the first id is asked for.
    One of files sees the loads that were complete when it was opened, so each load has its own.
    """

    pipeline: dlt.Pipeline
    _open: ExitStack = field(default_factory=ExitStack)
    _client: Client = None

    def known_ids(self, table: str, asked: pa.Table) -> pa.Table:
        """Of the event ids asked for (a column event_id) those that a raw table holds.

        They are compared where the history is: it is never read out, and where ids rise with time
        only the row groups of their range are looked at.
        """
        from dlt.destinations.exceptions import DatabaseUndefinedRelation

        sql = f"""select distinct event_id from {table}
            where {_COMPLETE} and event_id in (select event_id from asked)"""
        if self._client is None:
            self._client = self._open.enter_context(self.pipeline.sql_client())
        found: Sequence[tuple[str]] = ()
        self._client.native_connection.register("asked", asked.select(["event_id"]))
        try:
            with suppress(DatabaseUndefinedRelation):
                found = self._client.execute_sql(sql) or ()
        finally:
            self._client.native_connection.unregister("asked")
        return pa.table({"event_id": pa.array([row[0] for row in found], pa.string())})

    def close(self) -> None:
        self._open.close()
