"""dlt's filesystem destination, made to survive a power cut and read by DuckDB.

dlt notes a load as complete after its files are written, not after they are on disk, and a note
may be torn. Here the files of a load reach the disk first, and a note is there whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
from dlt.destinations import duckdb as duckdb_destination
from dlt.destinations import filesystem
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from contract import durable, files

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase


class FilesClient(FilesystemClient):  # type: ignore[misc]
    """Writes Parquet files and notes of loads; reads what is complete."""

    def create_dataset(self) -> None:
        """A run that was killed may have made the folder and no more."""
        durable.make_directory(Path(self.dataset_path))

    def complete_load(self, load_id: str) -> None:
        written = list(files.of_load(Path(self.dataset_path), load_id))
        for path in (*written, *{path.parent for path in written}, Path(self.dataset_path)):
            durable.sync(path)
        super().complete_load(load_id)

    def _write_to_json_file(self, filepath: str, data: dict[str, Any]) -> None:
        durable.write(Path(filepath), [orjson.dumps(data)])

    @property
    def sql_client(self) -> SqlClientBase[Any]:
        """Of the complete loads at this moment: a view has the columns that were loaded by then."""
        connection = duckdb.connect()
        connection.execute("set TimeZone = 'UTC'")
        files.views(connection, Path(self.dataset_path))
        credentials = DuckDbCredentials(connection)
        credentials.resolve()
        capabilities = duckdb_destination()._raw_capabilities()
        return DuckDbSqlClient(self.dataset_name, self.dataset_name, credentials, capabilities)


class Files(filesystem):  # type: ignore[misc]
    """A folder on this machine or shared by several, with fsync."""

    @property
    def client_class(self) -> type[FilesClient]:
        return FilesClient
