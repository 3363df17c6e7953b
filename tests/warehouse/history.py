"""A real warehouse.duckdb with the raw tables of the contract, filled from dicts."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from contract import raw

Row = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)

_LOADS = (
    "load_id varchar, schema_name varchar, status bigint, inserted_at timestamptz,"
    " schema_version_hash varchar"
)


def day(number: float) -> datetime:
    """A time so many days after the first of January 2026."""
    return START + timedelta(days=number)


class Raw:
    """The raw schema of a warehouse.duckdb."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with duckdb.connect(str(path)) as connection:
            create_raw(connection)

    def load(self, load_id: str, rows: Iterable[tuple[str, Row]], status: int = 0) -> None:
        """Append rows (table, columns) as one load."""
        with duckdb.connect(str(self.path)) as connection:
            insert_load(connection, load_id, rows, status)


_IDS = itertools.count(1)


def filled(table: str, row: Row) -> Row:
    """The row with an id, a landing time and a hash where it gives none."""
    if table in ("candidate_events", "job_events", "other_events"):
        row = {"event_id": f"event-{next(_IDS):06}", "source": "webhook"} | row
    if table in ("candidate_events", "job_events"):
        row.setdefault("landed_at", row.get("updated_at") or START)
        row.setdefault("state_hash", state_hash(row))
    return row


def state_hash(row: Row) -> str:
    """Equal for rows that differ in envelope columns only, as the loader's is."""
    envelope = {
        "event_id",
        "landed_at",
        "event_name",
        "source",
        "as_of",
        "body_sha256",
        "person_key",
    }
    state = {k: v for k, v in row.items() if k not in envelope}
    return hashlib.sha256(orjson.dumps(state, option=orjson.OPT_SORT_KEYS)).hexdigest()


def create_raw(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema raw")
    connection.execute(f"create table raw._dlt_loads ({_LOADS})")
    for table in raw.TABLES.values():
        columns = ", ".join(f'"{c.name}" {c.type}' for c in table.columns)
        connection.execute(f"create table raw.{table.name} ({columns}, _dlt_load_id varchar)")


def insert_load(
    connection: duckdb.DuckDBPyConnection,
    load_id: str,
    rows: Iterable[tuple[str, Row]],
    status: int = 0,
) -> None:
    connection.execute(
        "insert into raw._dlt_loads values (?, 'hiring', ?, now(), '')", [load_id, status]
    )
    by_table: dict[str, list[Row]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append({**filled(table, row), "_dlt_load_id": load_id})
    for table, items in by_table.items():
        names = list(dict.fromkeys(name for item in items for name in item))
        batch = pa.table({name: [item.get(name) for item in items] for name in names})
        connection.register("batch", batch)
        connection.execute(f"insert into raw.{table} by name select * from batch")
        connection.unregister("batch")


def dicts(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rows of an executed query by column name."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


Query = Callable[[str], list[dict[str, Any]]]


def reader(path: Path) -> Query:
    """Rows of a query on a file, as dicts."""

    def query(sql: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return dicts(connection.execute(sql))

    return query


def candidate(
    uuid: str | None, job: str | None, at: datetime | None, **columns: Any
) -> tuple[str, Row]:
    """A delivery of a candidate's state; `step` stands for id and name of one step."""
    step = columns.pop("step", None)
    row: Row = {"uuid": uuid, "job_uuid": job, "updated_at": at}
    row |= {"event_name": "CandidateResource_updated", "received_at": day(0)}
    if step is not None:
        row |= {"step_uuid": f"{job}/{step}", "step_name": step}
    return "candidate_events", row | columns


def created(uuid: str, job: str, at: datetime, **columns: Any) -> tuple[str, Row]:
    """A delivery that says that the candidate was created."""
    return candidate(uuid, job, at, **{"event_name": "CandidateResource_created", **columns})


def job(uuid: str | None, landed_at: datetime, **columns: Any) -> tuple[str, Row]:
    """A delivery of a job's state."""
    event = {"event_name": "JobResource_updated", "uuid": uuid, "landed_at": landed_at}
    return "job_events", event | columns
