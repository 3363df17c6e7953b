"""The kinds of resource that Occupop tells of, and the SQL that types their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel

from contract import raw
from contract.events import CANDIDATE_EVENTS, JOB_EVENTS, CandidateResource, JobResource
from pipelines import drift
from pipelines.parts import Part
from pipelines.payload_sql import (
    List,
    hashed,
    lists,
    literal,
    outline,
    outline_type,
    parts,
    payload,
    typed,
)


@dataclass(frozen=True)
class Family:
    """A kind of resource: its events, its model and the raw tables of its lists.

    The lines of a batch stand in a table named by the resource type.
    """

    resource_type: str
    event_names: tuple[str, ...]
    model: type[BaseModel]
    table: raw.Table
    lists: tuple[List, ...]

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        about = self.resource_type, self.model
        items = {item.path: item for item in self.lists}
        return tuple(
            Part(*about, field, tuple(self._columns_of(field)), items.get(field))
            for field in parts(self.model)
        )

    @property
    def is_about_people(self) -> bool:
        return "email" in self.model.model_fields

    @property
    def line(self) -> dict[str, str]:
        """What `lines` adds to landed lines: names and types."""
        return {"is_ours": "boolean", "d": outline_type(self.model), "shape": "ubigint"}

    @cached_property
    def on_the_way(self) -> dict[str, str]:
        """Queries by the table that takes their rows, in order."""
        name = self.resource_type
        return {part.table: part.rows for part in self.parts} | {
            f"{name}_shapes": drift.shapes(name, self.model),
            f"{name}_unknown": drift.unknown_fields(name),
        }

    @cached_property
    def unknown_found(self) -> str:
        """Query: the findings of unknown fields."""
        return drift.unknown_found(self.resource_type)

    @property
    def tables(self) -> Mapping[str, Mapping[str, str]]:
        """The tables that are made of those lines, by name: their columns and types."""
        return {
            **{part.table: part.types for part in self.parts},
            f"{self.resource_type}_shapes": drift.SHAPES,
            f"{self.resource_type}_unknown": drift.UNKNOWN_FIELDS,
            f"{self.resource_type}_odd": {c.name: c.type for c in self.table.columns},
        }

    def lines(self, landed: str) -> str:
        """Query: `landed` lines; is_ours: whether a line is of this family; d: an outline; shape:
        see drift."""
        ours = f"event_name in ({', '.join(map(literal, self.event_names))})"
        ours += f" and coalesce(resource_type, {literal(self.resource_type)})"
        ours += f" = {literal(self.resource_type)}"
        return f"""select *, {ours} as is_ours, {outline(self.model)} as d,
            {drift.shape(self.model)} as shape from {landed}"""

    @cached_property
    def events(self) -> str:
        """Query: the rows of its raw table, and is_odd (see drift)."""
        inline = drift.is_odd(self.model, self.lists, self._inline)
        odd = " or ".join([inline, *(f"{part.table}.is_odd" for part in self.parts)])
        keys = "left join person_keys using (email)" if self.is_about_people else ""
        return f"""from (
            select * exclude (sent, hashed, is_odd), {self._state_hash()} as state_hash,
                   {odd} as is_odd
            from ({self._typed(self.resource_type)}) {self._joins()})
            left join ({drift.extras(self.resource_type)}) using (event_id) {keys}"""

    @cached_property
    def odd_found(self) -> str:
        """Query: what is odd in the typed rows that stand in <resource_type>_odd."""
        rows = f"""select *, {payload(self.model)} as d
            from (select event_id, body from {self.resource_type})
            join {self.resource_type}_odd using (event_id)"""
        return drift.odd_found(self.resource_type, self.model, self.lists, rows)

    def _typed(self, source: str) -> str:
        columns = [c for field in self._inline for c in self._columns_of(field)]
        return f"{typed(self.model, columns, source)} where is_ours"

    def _joins(self) -> str:
        return " ".join(part.join() for part in self.parts)

    @property
    def _inline(self) -> list[str]:
        """The fields that are no part."""
        return [field for field in self.model.model_fields if field not in parts(self.model)]

    def _columns_of(self, field: str) -> list[raw.Column]:
        return [column for column in self.table.columns if column.path[:1] == (field,)]

    def _state_hash(self) -> str:
        """md5 of the typed columns and lists: equal for equal states in whatever spelling."""
        of_part = {part.field: f"{part.table}.hashed" for part in self.parts}
        listed = [of_part.pop(item.path) for item in self.lists]
        values: list[str] = []
        for field in self.model.model_fields:
            if field in of_part:
                values.append(of_part[field])
            else:
                values += map(hashed, self._columns_of(field))
        return f"md5(concat_ws(chr(31), {', '.join([*values, *listed])}))"


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
