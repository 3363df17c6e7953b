"""Landed lines -> typed Arrow tables, one per raw table. DuckDB SQL with explicit types.

The SQL is made from the payload models (contract/events.py): nothing is inferred from data,
so the same line gives the same rows in whatever company it arrives.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from contract import formats, raw
from contract.landing import UNKNOWN_EVENT, Landing
from pipelines import drift, person
from pipelines.bench import OTHERS, Bench
from pipelines.families import FAMILIES, Family
from pipelines.landed import ENVELOPE, Lines
from pipelines.payload_sql import literal, quoted
from pipelines.segments import Batch, Known

# Tables of the shredding connection, and the raw tables that their rows become.
_READ_INTO = {
    **{family.resource_type: family.table.name for family in FAMILIES},
    OTHERS: "other_events",
}
_CHUNK = (
    20_480  # rows of a piece of a result: DuckDB takes room for so many, in each of its columns
)
_ARROW = {
    "varchar": pa.string(),
    "json": pa.string(),
    "double": pa.float64(),
    "decimal(18,2)": pa.decimal128(18, 2),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamptz": pa.timestamp("us", "UTC"),
}


def shred(
    bench: Bench,
    landing: Landing,
    batch: Batch,
    *,
    scratch: Path,
    known: Known | None = None,
    landed_before: str | None = None,
) -> dict[str, pa.Table]:
    """The rows of a batch, by raw table.

    scratch: a folder for files that live as long as the call.
    known: event ids by raw table; these deliveries were loaded before and are left out (a
    re-landed file). landed_before: ISO time; what landed later is left out.
    """
    files = batch.files(landing)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        _read(bench, Lines(files, Path(folder)), landed_before)
    segments = _segments(_read_by_file(bench, files), landing, batch)
    _leave_out_erased(bench)
    _leave_out_repeats(bench)
    if known:
        _leave_out_known(bench, known)
    found = _tables(bench, batch.name) | {"loaded_segments": segments}
    bench.clear()
    return found


def _read(bench: Bench, lines: Lines, landed_before: str | None) -> None:
    """Fill the tables of lines. A file holds one kind of event."""
    before = f"where landed_at <= {literal(landed_before)}::timestamptz" if landed_before else ""
    for family in FAMILIES:
        ours = family.lines(f"(from {lines.of(family.event_names)} {before})")
        bench.connection.execute(f"insert into {family.resource_type} by name {ours}")
    others = f"from {lines.of((UNKNOWN_EVENT,))} {before}"
    contradictions = " ".join(
        f"union all by name select {', '.join(ENVELOPE)}, file_number from {family.resource_type}"
        " where not is_ours"
        for family in FAMILIES
    )
    # Their bodies are kept as text: minified, whatever they were read from.
    bench.connection.execute(
        f"insert into {OTHERS} by name select * replace (json(body) as body)"
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


def _read_by_file(bench: Bench, files: Sequence[Path]) -> dict[Path, _Read]:
    found: dict[Path, _Read] = {}
    for table in _READ_INTO:
        ours = "" if table == OTHERS else "where is_ours"
        query = f"""select file_number, count(*) filter (tombstoned is not true),
                count(*) filter (tombstoned), count(alive), epoch_us(max(landed_at))
            from {table} {ours} group by file_number"""
        for file, *counts in bench.ask(query).fetchall():
            found[files[file]] = found.get(files[file], _Read()) | _Read(*counts)
    return found


def _leave_out_erased(bench: Bench) -> None:
    """Stubs are counted in loaded_segments, and are nobody's state."""
    for table in _READ_INTO:
        bench.ask(f"delete from {table} where tombstoned")


def _leave_out_repeats(bench: Bench) -> None:
    """Keep one row per event_id, the first landed."""
    for table in _READ_INTO:
        bench.ask(
            f"""delete from {table} where rowid in (
                select rowid from {table} where event_id in
                    (select event_id from {table} group by all having count(*) > 1)
                qualify row_number() over (partition by event_id order by landed_at, rowid) > 1)"""
        )


def _leave_out_known(bench: Bench, known: Known) -> None:
    """Keep no row that was loaded before."""
    for table, loaded_into in _READ_INTO.items():
        if loaded_into in known:
            bench.tell("known", known[loaded_into])
            bench.ask(f"delete from {table} where event_id in (from known)")
            bench.ask("delete from known")


def _tables(bench: Bench, batch: str) -> dict[str, pa.Table]:
    found = {"other_events": _rows(bench, "other_events", f"from {OTHERS}")}
    for family in FAMILIES:
        tables = [family.table, *(item.table for item in family.lists)]
        found |= {table.name: _schema(table).empty_table() for table in tables}
        if bench.ask(f"from {family.resource_type} where is_ours limit 1").fetchall():
            # Planning for no rows took as long as 2,000 deliveries.
            found |= _of_family(bench, family)
    found["contract_drift"] = _rows(bench, "contract_drift", drift.SUMMARY, given=(batch,))
    return found


def _of_family(bench: Bench, family: Family) -> dict[str, pa.Table]:
    """The rows about a kind of resource; what was found of drift goes into `findings`."""
    for table, rows in family.on_the_way.items():
        bench.ask(f"insert into {table} by name {rows}")
    if family.is_about_people:
        bench.ask(f"insert into person_keys by name {person.PLAIN}")
        if others := bench.ask(person.OTHERS).fetchall():
            bench.tell("person_keys", bench.person_keys.rows(email for (email,) in others))
    events = _rows(bench, family.table.name, family.events, "is_odd")
    found = {family.table.name: events.drop_columns("is_odd")}
    odd = found[family.table.name].filter(events["is_odd"])
    if odd.num_rows:  # not often, and its query is the largest
        bench.tell(f"{family.resource_type}_odd", odd)
        bench.ask(f"insert into findings by name {family.odd_found}")
    bench.ask(f"insert into findings by name {family.unknown_found}")
    for part in family.parts:
        if part.items:
            name = part.items.table.name
            found[name] = _rows(bench, name, part.items_found)
    return found


def _rows(bench: Bench, name: str, query: str, *more: str, given: Sequence[str] = ()) -> pa.Table:
    """The result of a query as rows of a raw table, and more columns of it."""
    rows = bench.ask(_selected(name, query, more), *given).to_arrow_table(_CHUNK)
    for number, field in enumerate(_schema(raw.TABLES[name])):  # a time comes in session's zone
        rows = rows.set_column(number, field, rows[number].cast(field.type))
    return rows


@cache
def _selected(name: str, query: str, more: Sequence[str]) -> str:
    wanted = [
        f"{quoted(c.name)}::{'varchar' if c.type == 'json' else c.type} as {quoted(c.name)}"
        for c in raw.TABLES[name].columns
    ]
    return f"select {', '.join([*wanted, *more])} from ({query})"


@cache
def _schema(table: raw.Table) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.type]) for column in table.columns])
