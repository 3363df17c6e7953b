"""The kinds of resource that Occupop tells of, and the SQL that types their deliveries."""

from __future__ import annotations

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

    def lines(self, landed: str) -> str:
        """Query: `landed` lines; is_ours: whether a line is of this family; d: an outline; shape:
        see drift."""
        ours = f"event_name in ({', '.join(map(literal, self.event_names))})"
        ours += f" and coalesce(resource_type, {literal(self.resource_type)})"
        ours += f" = {literal(self.resource_type)}"
        return f"""select *, {ours} as is_ours, {outline(self.model)} as d,
            {drift.shape(self.model)} as shape from {landed}"""

    def events(self) -> str:
        """Query: the rows of its raw table, and is_odd (see drift)."""
        inline = drift.is_odd(self.model, self.lists, self._inline)
        odd = " or ".join([inline, *(f"{part.table}.is_odd" for part in self.parts)])
        return f"""
            select * exclude (sent, hashed, is_odd), {self._state_hash()} as state_hash,
                   {odd} as is_odd
            from ({self._typed(self.resource_type)}) {self._joins()}"""

    def odd_found(self) -> str:
        """Query: what is odd in the rows whose ids stand in <resource_type>_odd."""
        odd = f"event_id in (from {self.resource_type}_odd)"
        rows = f"""select * exclude (sent, hashed, is_odd) replace ({payload(self.model)} as d)
            from ({self._typed(f"(from {self.resource_type} where {odd})")}) {self._joins()}"""
        return drift.odd_found(self.resource_type, self.model, self.lists, rows)

    def items(self, part: Part) -> str:
        """Query: the rows of a list."""
        assert part.items  # noqa: S101 - asked for parts that are lists
        column = part.items.column
        return f"""select event_id, position, unnest(item) from (
                select event_id, unnest({column}) as item,
                       generate_subscripts({column}, 1) as position
                from {self.resource_type} {part.join()} where is_ours and len({column}) > 0)
            where item is not null"""

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
