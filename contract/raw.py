"""The raw tables: what the pipeline loads and the warehouse reads.

Append-only, one row per delivery (or per element of a list in it), in schema `raw`.
Rows of an incomplete load are visible to whoever reads the table bare: read only rows whose
`_dlt_load_id` is among `raw._dlt_loads` with status 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from contract import events
from contract.events import Kind

SCHEMA = "raw"

_ARROW = {Kind.TIME: "timestamptz", Kind.FLAG: "boolean", Kind.NUMBER: "double"}


@dataclass(frozen=True)
class Column:
    """A column of a raw table.

    type: varchar, double, boolean, bigint, timestamptz, date, decimal(18,2) or json (JSON as text).
    path: the payload field it comes from, below `data` (empty for our own columns).
    """

    name: str
    type: str
    description: str
    personal: bool = False
    path: tuple[str, ...] = ()
    kind: Kind | None = None


@dataclass(frozen=True)
class Table:
    name: str
    key: tuple[str, ...]
    description: str
    columns: tuple[Column, ...]

    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]


def payload_columns(model: type[BaseModel], prefix: tuple[str, ...] = ()) -> Iterator[Column]:
    """The raw columns of a payload model, nested objects included, lists left out."""
    for name, field in model.model_fields.items():
        path = (*prefix, name)
        extra: Any = field.json_schema_extra
        if extra is None:
            nested = nested_model(field.annotation)
            if nested is not None:
                yield from payload_columns(nested, path)
            continue
        if extra["column"] is None:
            continue
        kind = next(m for m in field.metadata if isinstance(m, Kind))
        yield Column(
            extra["column"],
            _ARROW.get(kind, "varchar"),
            field.description or "",
            extra["personal"],
            path,
            kind,
        )


def nested_model(annotation: Any) -> type[BaseModel] | None:
    """The model of `Model | None`; None for a field that may be a list."""
    models = [a for a in getattr(annotation, "__args__", ()) if isinstance(a, type)]
    if any(getattr(a, "__origin__", None) is list for a in annotation.__args__):
        return None
    return next((a for a in models if issubclass(a, BaseModel)), None)


_EVENT = (
    Column("event_id", "varchar", "Id of the delivery (UUID)."),
    Column("landed_at", "timestamptz", "When it was landed, UTC."),
    Column("event_name", "varchar", "Name of the event."),
    Column("source", "varchar", "webhook or import."),
    Column("as_of", "timestamptz", "For an import: the time that the payload stood for, if given."),
    Column("body_sha256", "varchar", "SHA-256 of the received bytes, hex."),
)
_STATE = (
    Column("state_hash", "varchar", "Hash of the typed columns and lists: equal for equal states."),
    Column("extra", "json", "Unknown fields of the payload, as one JSON object; null when none."),
)
_ITEM = (
    Column("event_id", "varchar", "The delivery."),
    Column("position", "bigint", "Place in the list, from 1."),
)
_MONEY = (
    Column("salary_min", "decimal(18,2)", "salary_start as a number; null when it is not one."),
    Column("salary_max", "decimal(18,2)", "salary_end as a number; null when it is not one."),
)


def _named(prefix: str, what: str) -> tuple[Column, ...]:
    return (
        Column(f"{prefix}_uuid", "varchar", f"Id of the {what}.", path=("uuid",), kind=Kind.ID),
        Column(f"{prefix}_name", "varchar", f"Name of the {what}.", path=("name",), kind=Kind.TEXT),
    )


_QUESTION = tuple(payload_columns(events.Question))

TABLES = {
    table.name: table
    for table in (
        Table(
            "candidate_events",
            ("event_id",),
            "One row per delivery about a candidate.",
            (
                *_EVENT,
                *payload_columns(events.CandidateResource),
                Column("person_key", "varchar", "Keyed hash of the normalised e-mail address."),
                *_STATE,
            ),
        ),
        Table(
            "candidate_event_answers",
            ("event_id", "position"),
            "One row per delivery about a candidate and question answered.",
            (*_ITEM, *_QUESTION),
        ),
        Table(
            "job_events",
            ("event_id",),
            "One row per delivery about a job.",
            (*_EVENT, *payload_columns(events.JobResource), *_MONEY, *_STATE),
        ),
        Table(
            "job_event_sectors",
            ("event_id", "position"),
            "One row per delivery about a job and sector.",
            (*_ITEM, *_named("sector", "sector")),
        ),
        Table(
            "job_event_subsectors",
            ("event_id", "position"),
            "One row per delivery about a job and subsector.",
            (*_ITEM, *_named("subsector", "subsector")),
        ),
        Table(
            "job_event_questions",
            ("event_id", "position"),
            "One row per delivery about a job and question of its form.",
            (*_ITEM, *_QUESTION),
        ),
        Table(
            "other_events",
            ("event_id",),
            "Deliveries of kinds we do not know, or whose resource_type contradicts event_name.",
            (
                *_EVENT,
                Column("resource_type", "varchar", "resource_type as sent."),
                Column("resource_uuid", "varchar", "uuid of the payload, if it has one."),
                Column("body", "json", "The whole body as JSON text.", personal=True),
            ),
        ),
        Table(
            "contract_drift",
            ("drift_id",),
            "What did not match the contract: one row per load, path, kind and JSON type.",
            (
                Column("drift_id", "varchar", "Hash of first segment, path, kind and type."),
                Column("resource_type", "varchar", "JobResource or CandidateResource."),
                Column("path", "varchar", "Path of the field, `data` left out; never a value."),
                Column("kind", "varchar", "unknown_field, not_converted, wrong_shape or odd_path."),
                Column("json_type", "varchar", "JSON type of what was sent."),
                Column("length", "bigint", "Longest value in characters."),
                Column("first_seen", "timestamptz", "Earliest landed_at."),
                Column("last_seen", "timestamptz", "Latest landed_at."),
                Column("count", "bigint", "Deliveries."),
            ),
        ),
        Table(
            "loaded_segments",
            ("slot", "seq"),
            "The only watermark: one row per manifest entry that was loaded.",
            (
                Column("slot", "varchar", "Writer."),
                Column("seq", "bigint", "Its batch number."),
                Column("first_seq", "bigint", "Of merged batches the first; else seq."),
                Column("sha256", "varchar", "SHA-256 over the entry's file checksums."),
                Column("rows", "bigint", "Landed lines in it, those of the erased left out."),
                Column("tombstoned", "bigint", "Lines of people who were erased: stubs."),
                Column("alive", "bigint", "Of those, states that are newer than the erasure."),
                Column("last_landed_at", "timestamptz", "Latest landed_at in it."),
                Column("damaged", "boolean", "Set aside: a checksum did not match."),
                Column("format", "bigint", "Of the raw tables when it was loaded; null: 1."),
            ),
        ),
    )
}
