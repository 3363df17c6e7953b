"""The rows of a load as Parquet files, one for each raw table, which dlt takes over as they are.

dlt would work out the schema of each batch anew, and write all texts by way of a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from contract import raw

LOAD_ID = "_dlt_load_id"
# Of files that are read once and gone. What does not recur within this many bytes is written plain.
READ_ONCE = {
    "compression": "none",
    "write_statistics": False,
    "dictionary_pagesize_limit": 64 << 10,
}
KEPT = {"compression": "snappy"}


@dataclass
class Staged:
    """The files of the load, in a folder. Batches are read when the first file is asked for.

    batches: by raw table their rows. options: of the Parquet writer.
    """

    batches: Iterable[Mapping[str, pa.Table]]
    folder: Path
    options: Mapping[str, Any]
    _rows: dict[str, int] = field(default_factory=dict)

    def rows(self, load_id: str) -> Mapping[str, int]:
        """How many rows there are in the file of each table. load_id: stands in all of them."""
        if not self._rows:
            self._write(load_id)
        return self._rows

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def _write(self, load_id: str) -> None:
        writers: dict[str, parquet.ParquetWriter] = {}
        with ExitStack() as open_files:
            for tables in self.batches:
                for name, rows in tables.items():
                    loaded = _loaded(name, rows, load_id)
                    if name not in writers:
                        writers[name] = open_files.enter_context(
                            parquet.ParquetWriter(self.path(name), loaded.schema, **self.options)
                        )
                        self._rows[name] = 0
                    if loaded.num_rows:
                        writers[name].write_table(loaded)
                        self._rows[name] += loaded.num_rows


def _loaded(table: str, rows: pa.Table, load_id: str) -> pa.Table:
    """The rows with the column of dlt's; null stands where dlt expects it, else it writes anew."""
    key = raw.TABLES[table].key
    fields = [f.with_nullable(f.name not in key) for f in rows.schema]
    fields.append(pa.field(LOAD_ID, pa.string(), nullable=False))
    columns = [*rows.columns, pa.repeat(load_id, rows.num_rows)]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))
