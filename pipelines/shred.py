"""Landed lines -> typed Arrow tables, one per raw table. DuckDB SQL with explicit types.

The SQL is made from the payload models (contract/events.py): nothing is inferred from data,
so the same line gives the same rows in whatever company it arrives.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from contract import formats, raw
from contract.landing import UNKNOWN_EVENT, Landing
from pipelines import conversions, drift
from pipelines.families import CANDIDATES, FAMILIES, Family
from pipelines.landed import ENVELOPE, Lines
from pipelines.payload_sql import literal, quoted
from pipelines.person import PersonKeys
from pipelines.segments import Batch, Known

_OTHER = "others"
# Tables of the shredding connection, and the raw tables that their rows become.
_READ_INTO = {
    **{family.resource_type: family.table.name for family in FAMILIES},
    _OTHER: "other_events",
}
_ARROW = {
    "varchar": pa.string(),
    "json": pa.string(),
    "double": pa.float64(),
    "decimal(18,2)": pa.decimal128(18, 2),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamptz": pa.timestamp("us", "UTC"),
}
# One batch uses one thread, and another batch the other: two threads in one took a quarter more
# CPU time. To look for what an expression has twice took longer than to compute it twice. Lines
# are never what a join keeps in memory, so they stay in their order.
_OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "disabled_optimizers": "common_subexpressions,join_order,build_side_probe_side",
}


def shred(
    landing: Landing,
    batch: Batch,
    *,
    source_timezone: str,
    person_keys: PersonKeys,
    scratch: Path,
    known: Known | None = None,
    landed_before: str | None = None,
) -> dict[str, pa.Table]:
    """The rows of a batch, by raw table.

    scratch: a folder for files that live as long as the call.
    known: event ids by raw table; these deliveries were loaded before and are left out (a
    re-landed file). landed_before: ISO time; what landed later is left out.
    """
    with duckdb.connect(config=_OPTIONS) as connection:
        conversions.install(connection, source_timezone)
        files = batch.files(landing)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            _read(connection, Lines(files, Path(folder)), landed_before)
        segments = _segments(_read_by_file(connection, files), landing, batch)
        _leave_out_erased(connection)
        _leave_out_repeats(connection)
        if known:
            _leave_out_known(connection, known)
        person_keys.install(connection)
        return _tables(connection, batch.name) | {"loaded_segments": segments}


def _read(connection: duckdb.DuckDBPyConnection, lines: Lines, landed_before: str | None) -> None:
    """A table per family, named by its resource type, and one of all other lines. A file holds
    one kind of event."""
    before = f"where landed_at <= {literal(landed_before)}::timestamptz" if landed_before else ""
    for family in FAMILIES:
        ours = f"(from {lines.of(family.event_names)} {before})"
        connection.execute(f"create table {family.resource_type} as {family.lines(ours)}")
    others = f"from {lines.of((UNKNOWN_EVENT,))} {before}"
    contradictions = " ".join(
        f"union all by name select {', '.join(ENVELOPE)}, file_number from {family.resource_type}"
        " where not is_ours"
        for family in FAMILIES
    )
    # Their bodies are kept as text: minified, whatever they were read from.
    connection.execute(
        f"create table {_OTHER} as select * replace (json(body) as body)"
        f" from ({others} {contradictions})"
    )


def _segments(read: Mapping[Path, _Read], landing: Landing, batch: Batch) -> pa.Table:
    """The rows of loaded_segments: the watermark travels in the load."""
    rows = []
    for entry in batch.entries:
        is_damaged = (entry.slot, entry.seq) in batch.damaged
        found = [read.get(landing.root / file.path, _Read()) for file in entry.files]
        rows.append(
            {
                "slot": entry.slot,
                "seq": entry.seq,
                "first_seq": entry.first,
                "sha256": entry.sha256,
                "rows": entry.rows if is_damaged else sum(part.rows for part in found),
                "tombstoned": sum(part.tombstoned for part in found),
                "alive": sum(part.alive for part in found),
                "last_landed_at": max((part.last for part in found), default=0) or None,
                "damaged": is_damaged,
                "format": formats.RAW,
            }
        )
    return pa.Table.from_pylist(rows, _schema(raw.TABLES["loaded_segments"]))


class _Read(NamedTuple):
    """Lines read of a file: kept, of the erased, of those newer; latest landed_at in µs."""

    rows: int = 0
    tombstoned: int = 0
    alive: int = 0
    last: int = 0

    def __or__(self, other: _Read) -> _Read:
        return _Read(
            self.rows + other.rows,
            self.tombstoned + other.tombstoned,
            self.alive + other.alive,
            max(self.last, other.last),
        )


def _read_by_file(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> dict[Path, _Read]:
    found: dict[Path, _Read] = {}
    for table in _READ_INTO:
        ours = "" if table == _OTHER else "where is_ours"
        query = f"""select file_number, count(*) filter (tombstoned is not true),
                count(*) filter (tombstoned), count(alive), epoch_us(max(landed_at))
            from {table} {ours} group by file_number"""
        for file, *counts in connection.sql(query).fetchall():
            found[files[file]] = found.get(files[file], _Read()) | _Read(*counts)
    return found


def _leave_out_erased(connection: duckdb.DuckDBPyConnection) -> None:
    """Stubs are counted in loaded_segments, and are nobody's state."""
    for table in _READ_INTO:
        connection.execute(f"delete from {table} where tombstoned")


def _leave_out_repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep one row per event_id, the first landed."""
    for table in _READ_INTO:
        connection.execute(
            f"""delete from {table} where rowid in (
                select rowid from {table} where event_id in
                    (select event_id from {table} group by all having count(*) > 1)
                qualify row_number() over (partition by event_id order by landed_at, rowid) > 1)"""
        )


def _leave_out_known(connection: duckdb.DuckDBPyConnection, known: Known) -> None:
    """Keep no row that was loaded before."""
    for table, loaded_into in _READ_INTO.items():
        if loaded_into in known:
            connection.register("known", known[loaded_into])
            connection.execute(
                f"delete from {table} where event_id in (select event_id from known)"
            )
            connection.unregister("known")


def _tables(connection: duckdb.DuckDBPyConnection, batch: str) -> dict[str, pa.Table]:
    found = {"other_events": _arrow(connection, "other_events", f"from {_OTHER}")}
    findings = []
    for family in FAMILIES:
        if not connection.sql(f"from {family.resource_type} where is_ours limit 1").fetchall():
            tables = (family.table, *(item.table for item in family.lists))
            found |= {table.name: _schema(table).empty_table() for table in tables}
            continue  # planning for no rows took as long as 2,000 deliveries
        events = _events(connection, family)
        odd = events["event_id"].filter(events["is_odd"])
        if len(odd):  # not often, and its query is the largest
            connection.register(f"{family.resource_type}_odd", pa.table({"event_id": odd}))
            findings.append(family.odd_found())
        findings.append(drift.unknown_found(family.resource_type))
        found[family.table.name] = events.drop_columns("is_odd")
        for part in family.parts:
            if part.items:
                name = part.items.table.name
                found[name] = _arrow(connection, name, family.items(part))
    if not findings:
        return found | {"contract_drift": _schema(raw.TABLES["contract_drift"]).empty_table()}
    query = drift.summary(" union all by name ".join(findings), batch)
    return found | {"contract_drift": _arrow(connection, "contract_drift", query)}


def _events(connection: duckdb.DuckDBPyConnection, family: Family) -> pa.Table:
    """The rows about a resource, with is_odd (see drift)."""
    name = family.resource_type
    for part in family.parts:
        connection.execute(f"create table {part.table} as {part.rows()}")
    connection.execute(f"create table {name}_shapes as {drift.shapes(name, family.model)}")
    connection.execute(f"create table {name}_unknown as {drift.unknown_fields(name)}")
    keys = "left join person_keys using (email)" if family is CANDIDATES else ""
    query = f"from ({family.events()}) left join ({drift.extras(name)}) using (event_id) {keys}"
    return _arrow(connection, family.table.name, query, "is_odd")


def _arrow(connection: duckdb.DuckDBPyConnection, name: str, query: str, *more: str) -> pa.Table:
    """The result of a query as rows of a raw table, and more columns of it."""
    table = raw.TABLES[name]
    wanted = [
        f"{quoted(c.name)}::{'varchar' if c.type == 'json' else c.type} as {quoted(c.name)}"
        for c in table.columns
    ]
    rows = connection.sql(f"select {', '.join([*wanted, *more])} from ({query})").to_arrow_table()
    for number, field in enumerate(_schema(table)):  # a time comes in the session's zone
        rows = rows.set_column(number, field, rows[number].cast(field.type))
    return rows


def _schema(table: raw.Table) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.type]) for column in table.columns])
