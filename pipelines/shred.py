"""Landed lines -> typed Arrow tables, one per raw table. DuckDB SQL with explicit types.

The SQL is made from the payload models (contract/events.py): nothing is inferred from data,
so the same line gives the same rows in whatever company it arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
from pydantic import BaseModel

from contract import raw
from contract.events import CANDIDATE_EVENTS, JOB_EVENTS, CandidateResource, JobResource
from contract.landing import Landing
from pipelines import conversions, drift
from pipelines.payload_sql import List, lists, literal, quoted, structure, text, typed
from pipelines.person import PersonKeys
from pipelines.segments import Batch

LARGEST_LINE = 64 << 20

_ENVELOPE = {
    "event_id": "VARCHAR",
    "landed_at": "TIMESTAMPTZ",
    "event_name": "VARCHAR",
    "resource_type": "VARCHAR",
    "resource_uuid": "VARCHAR",
    "body_sha256": "VARCHAR",
    "source": "VARCHAR",
    "as_of": "TIMESTAMPTZ",
    "body": "JSON",
}


_ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamptz": pa.timestamp("us", "UTC"),
}
_SEGMENTS_SCHEMA = pa.schema(
    [(c.name, _ARROW[c.type]) for c in raw.TABLES["loaded_segments"].columns]
)


@dataclass(frozen=True)
class Family:
    """A kind of resource: its events, its model and the raw tables of its lists."""

    resource_type: str
    event_names: tuple[str, ...]
    model: type[BaseModel]
    table: raw.Table
    lists: tuple[List, ...]


CANDIDATES = Family(
    "CandidateResource",
    CANDIDATE_EVENTS,
    CandidateResource,
    raw.TABLES["candidate_events"],
    lists(CandidateResource, {"questions_form": "candidate_event_answers"}),
)
JOBS = Family(
    "JobResource",
    JOB_EVENTS,
    JobResource,
    raw.TABLES["job_events"],
    lists(
        JobResource,
        {
            "sectors": "job_event_sectors",
            "subsectors": "job_event_subsectors",
            "questions_form": "job_event_questions",
        },
    ),
)
FAMILIES = (JOBS, CANDIDATES)


def shred(
    landing: Landing,
    batch: Batch,
    *,
    source_timezone: str,
    person_keys: PersonKeys,
    known_ids: pa.Table | None = None,
    landed_before: str | None = None,
) -> dict[str, pa.Table]:
    """The rows of a batch, by raw table.

    known_ids: Arrow table with a column event_id: deliveries that were loaded before and are
    left out (a re-landed file). landed_before: ISO time; what landed later is left out.
    """
    with duckdb.connect(config={"threads": 2}) as connection:
        conversions.install(connection, source_timezone)
        _read(connection, batch.files(landing), landed_before)
        segments = _segments(connection, landing, batch)
        _leave_out_repeats(connection, known_ids)
        for family in FAMILIES:
            _type(connection, family)
        person_keys.install(connection)
        connection.execute("set TimeZone = 'UTC'")
        tables: dict[str, pa.Table] = {}
        for family in FAMILIES:
            tables[family.table.name] = _arrow(connection, family.table, _events(family))
            tables |= {
                part.table.name: _arrow(connection, part.table, _items(family, part))
                for part in family.lists
            }
        tables["other_events"] = _arrow(connection, raw.TABLES["other_events"], _others())
        found = " union all ".join(drift.query(f.resource_type, f.model, f.lists) for f in FAMILIES)
        tables["contract_drift"] = _arrow(
            connection, raw.TABLES["contract_drift"], drift.summary(found, batch.name)
        )
        tables["loaded_segments"] = segments
        return tables


def _read(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], landed_before: str | None
) -> None:
    families = " ".join(
        f"when event_name in ({', '.join(map(literal, f.event_names))})"
        f" and coalesce(resource_type, {literal(f.resource_type)}) = {literal(f.resource_type)}"
        f" then {literal(f.resource_type)}"
        for f in FAMILIES
    )
    before = f"where landed_at <= {literal(landed_before)}::timestamptz" if landed_before else ""
    connection.execute(
        f"""create temp table landed as
        select *, case {families} end as family from {_lines(files)} {before}"""
    )


def _lines(files: Sequence[Path]) -> str:
    """The landed lines of some files, typed; no file gives no line."""
    if not files:
        nulls = ", ".join(f"null::{type_} as {name}" for name, type_ in _ENVELOPE.items())
        return f"(select {nulls}, null::varchar as filename limit 0)"
    names = ", ".join(literal(str(file)) for file in files)
    columns = ", ".join(f"{name}: '{type_}'" for name, type_ in _ENVELOPE.items())
    return f"""read_json([{names}], format = 'newline_delimited', columns = {{{columns}}},
        hive_partitioning = false, filename = true, maximum_object_size = {LARGEST_LINE})"""


def _segments(connection: duckdb.DuckDBPyConnection, landing: Landing, batch: Batch) -> pa.Table:
    """The rows of loaded_segments: the watermark travels in the load."""
    query = "select filename, epoch_us(max(landed_at)) from landed group by filename"
    latest = dict(connection.sql(query).fetchall())
    rows = [
        {
            "slot": entry.slot,
            "seq": entry.seq,
            "sha256": entry.sha256,
            "rows": entry.rows,
            "last_landed_at": max(
                (latest.get(str(landing.root / file.path), 0) for file in entry.files), default=0
            )
            or None,
            "damaged": (entry.slot, entry.seq) in batch.damaged,
        }
        for entry in batch.entries
    ]
    names = raw.TABLES["loaded_segments"].column_names()
    types = [
        pa.string(),
        pa.int64(),
        pa.string(),
        pa.int64(),
        pa.timestamp("us", "UTC"),
        pa.bool_(),
    ]
    return pa.Table.from_pylist(rows, pa.schema(list(zip(names, types, strict=True))))


def _leave_out_repeats(connection: duckdb.DuckDBPyConnection, known: pa.Table | None) -> None:
    """Keep one row per event_id, the first landed; none that was loaded before."""
    if known is not None:
        connection.register("known", known)
        connection.execute("delete from landed where event_id in (select event_id from known)")
        connection.unregister("known")
    connection.execute(
        """delete from landed where rowid in (
            select rowid from landed
            where event_id in (select event_id from landed group by all having count(*) > 1)
            qualify row_number() over (partition by event_id order by landed_at, rowid) > 1)"""
    )


def _type(connection: duckdb.DuckDBPyConnection, family: Family) -> None:
    """Temp table `<resource_type>`: envelope, body, d, the typed columns and the typed lists."""
    shape = literal(orjson.dumps({"data": structure(family.model)}).decode())
    payload = [column for column in family.table.columns if column.path]
    typed_columns = [f"{typed(family.model, c)} as {quoted(c.name)}" for c in payload]
    typed_columns += [
        f"as_money({text(family.model, c)}) as {quoted(amount)}"
        for c in payload
        if (amount := {"salary_start": "salary_min", "salary_end": "salary_max"}.get(c.name))
    ]
    typed_columns += [f"{part.rows()} as {quoted('list_' + part.path)}" for part in family.lists]
    connection.execute(
        f"""create temp table {family.resource_type} as
        with transformed as (
            select event_id, landed_at, event_name, source, as_of, body_sha256, body,
                   json_transform(body, {shape})."data" as d,
                   {drift.all_keys(family.model)} as {drift.KEYS}
            from landed where family = {literal(family.resource_type)})
        select *, {", ".join(typed_columns)}, {drift.unknown_keys(family.model)} as unknown
        from transformed"""
    )


def _state_hash(family: Family) -> str:
    """md5 of the typed columns and lists: equal for equal states in whatever spelling."""
    parts = []
    for column in family.table.columns:
        if column.path:
            value = quoted(column.name)
            is_time = column.type == "timestamptz"
            parts.append(f"epoch_us({value})::varchar" if is_time else f"{value}::varchar")
    parts += [f"to_json({quoted('list_' + part.path)})::varchar" for part in family.lists]
    joined = ", ".join(f"coalesce({part}, chr(30))" for part in parts)
    return f"md5(concat_ws(chr(31), {joined}))"


def _events(family: Family) -> str:
    keys = "left join person_keys using (email)" if family is CANDIDATES else ""
    extra = drift.unknown_fields("unknown")
    return f"""select *, {_state_hash(family)} as state_hash, {extra} as extra
        from {family.resource_type} {keys} order by landed_at, event_id"""


def _items(family: Family, part: List) -> str:
    rows = quoted("list_" + part.path)
    return f"""select event_id, position, unnest(item) from (
            select event_id, unnest({rows}) as item, generate_subscripts({rows}, 1) as position
            from {family.resource_type} where len({rows}) > 0)
        where item is not null order by event_id, position"""


def _others() -> str:
    return "select * from landed where family is null order by landed_at, event_id"


def _arrow(connection: duckdb.DuckDBPyConnection, table: raw.Table, query: str) -> pa.Table:
    columns = ", ".join(
        f"{quoted(c.name)}::{_type_name(c)} as {quoted(c.name)}" for c in table.columns
    )
    return connection.sql(f"select {columns} from ({query})").to_arrow_table()


def _type_name(column: raw.Column) -> str:
    return "varchar" if column.type == "json" else column.type
