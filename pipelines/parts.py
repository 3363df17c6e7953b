"""Parts of a payload, typed once for each text: a thousand candidates stand in the same place.

A part's table has a row for each distinct text of it in a batch. The text is shredded as if it
was a payload with that one field, so that it means what it means within its delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel

from contract import raw
from pipelines import drift
from pipelines.payload_sql import (
    AMOUNT,
    AMOUNTS,
    List,
    hashed,
    literal,
    quoted,
    structure,
    transformed,
    typed,
)


@dataclass(frozen=True)
class Part:
    """A field of the payload `model`, and the columns of an object or the items of a list."""

    resource_type: str
    model: type[BaseModel]
    field: str
    columns: tuple[raw.Column, ...] = ()
    items: List | None = None

    @property
    def table(self) -> str:
        return quoted(f"{self.resource_type}_{self.field}")

    @property
    def types(self) -> dict[str, str]:
        """The columns of its table, and their types: sent (each text in the lines of the family,
        null for none), what it brings into the table of its family, hashed (what goes into the
        hash of a state) and is_odd (see drift)."""
        return (
            {"sent": "varchar"} | self._typed_columns | {"hashed": "varchar", "is_odd": "boolean"}
        )

    @property
    def _typed_columns(self) -> dict[str, str]:
        if self.items:
            return {self.items.column: self.items.type}
        amounts = {AMOUNTS[c.name]: AMOUNT for c in self.columns if c.name in AMOUNTS}
        return {c.name: c.type for c in self.columns} | amounts

    @cached_property
    def rows(self) -> str:
        """Query: the rows of its table."""
        head = literal(f'{{"data":{{"{self.field}":')
        one = {self.field: structure(self.model)[self.field]}
        sent = f"""(select *, {transformed(one)} as d
            from (select sent, {head} || sent || '}}}}' as body
                  from (select distinct d.{quoted(self.field)} as sent
                        from {self.resource_type} where is_ours)))"""
        lists = [self.items] if self.items else []
        names = ", ".join(map(quoted, self._typed_columns))
        return f"""
            select sent, {names}, {self._hashed()} as hashed,
                   {drift.is_odd(self.model, lists, {self.field})} as is_odd
            from ({self._typed(sent)})"""

    @cached_property
    def items_found(self) -> str:
        """Query: the rows of a list's raw table."""
        assert self.items  # noqa: S101 - asked for parts that are lists
        column = quoted(self.items.column)
        return f"""select event_id, position, unnest(item) from (
                select event_id, unnest({column}) as item,
                       generate_subscripts({column}, 1) as position
                from {self.resource_type} {self.join()} where is_ours and len({column}) > 0)
            where item is not null"""

    def join(self) -> str:
        """The join that brings each row of a query with `d`, an outline, its part."""
        sent = f"{self.table}.sent"
        return f"left join {self.table} on {sent} is not distinct from d.{quoted(self.field)}"

    def _typed(self, source: str) -> str:
        if self.items:
            return f"select *, {self.items.rows()} as {quoted(self.items.column)} from {source}"
        return typed(self.model, self.columns, source)

    def _hashed(self) -> str:
        if self.items:
            return f"coalesce(to_json({quoted(self.items.column)})::varchar, chr(30))"
        return f"concat_ws(chr(31), {', '.join(map(hashed, self.columns))})"
