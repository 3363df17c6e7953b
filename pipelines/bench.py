"""A DuckDB session that shreds batch after batch: its tables are made once, and what is asked of
them is planned once. Planning all of it anew took as long as typing 7,000 deliveries.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Self

import duckdb
import pyarrow as pa

from pipelines import conversions, drift, person
from pipelines.families import FAMILIES
from pipelines.landed import LINE
from pipelines.payload_sql import columns, literal

OTHERS = "others"
# A batch uses one thread, and another batch the other: two threads in one took a quarter more
# CPU time. To look for what an expression has twice took longer than to compute it twice. Lines
# are never what a join keeps in memory, so they stay in their order. What the rows of a batch
# look like is no part of a plan, as the next batch has others: plans that used statistics failed
# with "statistics … corrupt", and might as well have answered wrongly.
_OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "disabled_optimizers": "common_subexpressions,join_order,build_side_probe_side,"
    "statistics_propagation,compressed_materialization",
}


class Bench:
    """Its tables are empty between batches: the lines of each family, named by its resource type,
    the OTHERS, and what is made of them on the way."""

    def __init__(self, source_timezone: str, person_keys: person.PersonKeys) -> None:
        self.connection = duckdb.connect(config=_OPTIONS)
        self.person_keys = person_keys
        self._planned: dict[str, str] = {}
        conversions.install(self.connection, source_timezone)
        person_keys.install(self.connection)
        for name, types in self._tables().items():
            self.connection.execute(f"create table {name} ({columns(types)})")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def ask(self, statement: str, *given: str) -> duckdb.DuckDBPyConnection:
        """Run a statement, where $1 and so on stand for what is given; planned the first time."""
        if statement not in self._planned:
            name = f"statement_{len(self._planned)}"
            self.connection.execute(f"prepare {name} as {statement}")
            self._planned[statement] = name
        values = f"({', '.join(map(literal, given))})" if given else ""
        return self.connection.execute(f"execute {self._planned[statement]}{values}")

    def tell(self, name: str, rows: pa.Table) -> None:
        """Put rows into a table."""
        self.connection.register("told", rows)
        self.connection.execute(f"insert into {name} by name from told")
        self.connection.unregister("told")

    def clear(self) -> None:
        """Forget the batch. Without the checkpoint its rows would stay in memory."""
        for name in (*self._tables(), "person_keys"):
            self.ask(f"delete from {name}")
        self.connection.execute("checkpoint")
        _give_back()

    def _tables(self) -> dict[str, Mapping[str, str]]:
        found: dict[str, Mapping[str, str]] = {
            OTHERS: LINE,
            "known": {"event_id": "varchar"},
            "findings": drift.FINDINGS,
        }
        for family in FAMILIES:
            found |= {family.resource_type: LINE | family.line, **family.tables}
        return found


def _give_back() -> None:
    """What the C library keeps of freed memory would grow from batch to batch."""
    if give_back := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc's
        give_back(0)
