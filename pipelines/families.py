"""The kinds of resource that Occupop tells of, and the SQL that types their deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from contract import raw
from contract.events import CANDIDATE_EVENTS, JOB_EVENTS, CandidateResource, JobResource
from pipelines import drift
from pipelines.payload_sql import AMOUNTS, List, lists, literal, payload, quoted, text, typed


@dataclass(frozen=True)
class Family:
    """A kind of resource: its events, its model and the raw tables of its lists."""

    resource_type: str
    event_names: tuple[str, ...]
    model: type[BaseModel]
    table: raw.Table
    lists: tuple[List, ...]

    def rows(self, lines: str) -> str:
        """Query: the landed `lines` with typed columns, typed lists, and what drift needs.

        is_ours: whether the line is of this family; shape, is_odd: see drift. Each step names
        what the next one reads more than once, so that DuckDB need not look for it (see shred).
        """
        ours = f"event_name in ({', '.join(map(literal, self.event_names))})"
        ours += f" and coalesce(resource_type, {literal(self.resource_type)})"
        ours += f" = {literal(self.resource_type)}"
        return f"""
            select * exclude (d, t), {self._state_hash()} as state_hash,
                   {drift.is_odd(self.model, self.lists)} as is_odd
            from (select *, {", ".join(self._typed())}
                  from (select *, {{{", ".join(self._texts())}}} as t
                        from (select *, {ours} as is_ours, {payload(self.model)} as d,
                                     {drift.shape(self.model)} as shape from {lines})))"""

    def _texts(self) -> Iterator[str]:
        for column in self._payload_columns():
            yield f"{quoted(column.name)}: {text(self.model, column)}"

    def _typed(self) -> Iterator[str]:
        for column in self._payload_columns():
            sent = f"t.{quoted(column.name)}"
            yield f"{typed(column, sent)} as {quoted(column.name)}"
            if column.name in AMOUNTS:
                yield f"as_money({sent}) as {quoted(AMOUNTS[column.name])}"
        for part in self.lists:
            yield f"{part.rows()} as {part.column}"

    def _payload_columns(self) -> Iterator[raw.Column]:
        return (column for column in self.table.columns if column.path)

    def _state_hash(self) -> str:
        """md5 of the typed columns and lists: equal for equal states in whatever spelling."""
        parts = []
        for column in self._payload_columns():
            value = quoted(column.name)
            is_time = column.type == "timestamptz"
            parts.append(f"epoch_us({value})::varchar" if is_time else f"{value}::varchar")
        parts += [f"to_json({part.column})::varchar" for part in self.lists]
        joined = ", ".join(f"coalesce({part}, chr(30))" for part in parts)
        return f"md5(concat_ws(chr(31), {joined}))"

    def items(self, part: List) -> str:
        """Query: the rows of a list."""
        return f"""select event_id, position, unnest(item) from (
                select event_id, unnest({part.column}) as item,
                       generate_subscripts({part.column}, 1) as position
                from {self.resource_type} where is_ours and len({part.column}) > 0)
            where item is not null"""


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
