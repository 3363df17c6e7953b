"""SQL made from the payload models: where a field stands in the JSON, and its typed value.

Terms below: `body` is the received JSON, `d` its `data` as a STRUCT of text (json_transform),
`t` the values as sent by raw column. A part is a field of the payload that holds an object or a
list, and whose text recurs from delivery to delivery: each text is typed once (parts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import orjson
from pydantic import AliasChoices, BaseModel

from contract import raw
from contract.events import Kind
from contract.sql import escaped
from pipelines import conversions

OPENING = "(91, 123)"  # [ and {: what an object or a list begins with, as text
# DECIMAL columns beside the text of a Kind.MONEY column.
AMOUNTS = {"salary_start": "salary_min", "salary_end": "salary_max"}
AMOUNT = "decimal(18,2)"
SCALARS = (Kind.TEXT, Kind.ID, Kind.LINK)


@dataclass(frozen=True)
class List:
    """A list in the payload: field `path`, of `model`, that becomes rows of `table`."""

    path: str
    model: type[BaseModel]
    table: raw.Table

    @property
    def columns(self) -> tuple[raw.Column, ...]:
        return tuple(column for column in self.table.columns if column.path)

    @property
    def column(self) -> str:
        """The typed list in the table of its part."""
        return f"list_{self.path}"

    @property
    def type(self) -> str:
        return f"struct({columns({c.name: c.type for c in self.columns})})[]"

    def rows(self) -> str:
        """A LIST of STRUCTs of the typed columns; one object counts as a list of one."""
        field = f"d.{quoted(self.path)}"
        as_list = (
            f"case json_type({field}) when 'ARRAY' then {field}"
            f" when 'OBJECT' then json_array({field}) end"
        )
        texts = dict.fromkeys(self.model.model_fields, "VARCHAR")
        typed = ", ".join(
            f"{quoted(c.name)}: {conversions.expression(c.kind, f'q.{quoted(c.path[0])}')}"
            for c in self.columns
            if c.kind is not None
        )
        shape = literal(orjson.dumps([texts]).decode())
        return f"list_transform(from_json({as_list}, {shape}), lambda q: {{{typed}}})"


def payload(model: type[BaseModel]) -> str:
    """The SQL expression of `d`."""
    return transformed(structure(model))


def outline(model: type[BaseModel]) -> str:
    """The SQL expression of `d` with its parts as JSON."""
    return transformed(structure(model) | dict.fromkeys(parts(model), "JSON"))


def transformed(shape: Mapping[str, Any]) -> str:
    return f'json_transform(body, {literal(orjson.dumps({"data": shape}).decode())})."data"'


def outline_type(model: type[BaseModel]) -> str:
    """The type of `d` as an outline."""
    return _type(structure(model) | dict.fromkeys(parts(model), "JSON"))


def _type(shape: Mapping[str, Any] | str) -> str:
    if isinstance(shape, str):
        return shape
    return f"struct({columns({name: _type(inner) for name, inner in shape.items()})})"


def columns(types: Mapping[str, str]) -> str:
    """Names with their types, as a table's or a STRUCT's are declared."""
    return ", ".join(f"{quoted(name)} {type_}" for name, type_ in types.items())


def structure(model: type[BaseModel]) -> dict[str, Any]:
    """The json_transform structure of a payload: text leaves, lists left as JSON."""
    shape: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        nested = None if field.json_schema_extra else raw.nested_model(field.annotation)
        is_list = field.json_schema_extra is None and nested is None
        value = structure(nested) if nested else ("JSON" if is_list else "VARCHAR")
        shape |= dict.fromkeys(names(model, name), value)
    return shape


def parts(model: type[BaseModel]) -> list[str]:
    """The lists of a payload, and its objects that hold nothing personal: a place, a step."""
    found = []
    for name, field in model.model_fields.items():
        if field.json_schema_extra is None:
            nested = raw.nested_model(field.annotation)
            if nested is None or not any(c.personal for c in raw.payload_columns(nested)):
                found.append(name)
    return found


def names(model: type[BaseModel], name: str) -> list[str]:
    """The JSON keys that a field is read from: its name, then its other spellings."""
    alias = model.model_fields[name].validation_alias
    if not isinstance(alias, AliasChoices):
        return [name]
    return list(dict.fromkeys(str(choice) for choice in alias.choices))


def text(model: type[BaseModel], column: raw.Column) -> str:
    """The SQL of a column's value as sent; null for an object or list in a scalar's place."""
    values = []
    for path in spellings(model, column.path):
        value = "d." + ".".join(quoted(part) for part in path)
        if column.kind in SCALARS:
            value = (
                f"case when ascii({value}) in {OPENING} and json_type(body, {pointer(path)})"
                f" in ('OBJECT', 'ARRAY') then null else {value} end"
            )
        values.append(value)
    given = ", ".join(f"nullif({value}, '')" for value in values)
    return values[0] if len(values) == 1 else f"coalesce({given})"


def spellings(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """All key paths of a field."""
    head, *rest = path
    if not rest:
        yield from ((name,) for name in names(model, head))
        return
    nested = raw.nested_model(model.model_fields[head].annotation)
    if nested is not None:
        yield from ((head, *tail) for tail in spellings(nested, tuple(rest)))


def objects(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """(path, model) of a payload and of the objects in it; lists left out."""
    yield path, model
    for name, field in model.model_fields.items():
        if field.json_schema_extra is None:
            nested = raw.nested_model(field.annotation)
            if nested is not None:
                yield from objects(nested, (*path, name))


def lists(model: type[BaseModel], tables: dict[str, str]) -> tuple[List, ...]:
    """The lists of a payload; `tables` names the raw table of each list field."""
    found = []
    for name, field in model.model_fields.items():
        if name in tables:
            item = next(get_args(a)[0] for a in get_args(field.annotation) if get_origin(a) is list)
            found.append(List(name, item, raw.TABLES[tables[name]]))
    return tuple(found)


def pointer(path: tuple[str, ...]) -> str:
    """The JSON pointer, as an SQL literal, of a field of `data` in the body."""
    return literal("/" + "/".join(("data", *path)))


def typed(model: type[BaseModel], columns: Iterable[raw.Column], source: str) -> str:
    """Query: the rows of a source with `d`, and the typed columns. `t` is a step of its own, as
    what is read more than once needs a name: else DuckDB would look for it (see shred.py)."""
    columns = tuple(columns)
    texts = ", ".join(f"{quoted(c.name)}: {text(model, c)}" for c in columns)
    values = ", ".join(value for column in columns for value in _values(column))
    return f"select * exclude (t), {values} from (select *, {{{texts}}} as t from {source})"


def _values(column: raw.Column) -> Iterator[str]:
    assert column.kind is not None  # noqa: S101 - payload columns have a kind by construction
    sent = f"t.{quoted(column.name)}"
    yield f"{conversions.expression(column.kind, sent)} as {quoted(column.name)}"
    if column.name in AMOUNTS:
        yield f"as_money({sent}) as {quoted(AMOUNTS[column.name])}"


def hashed(column: raw.Column) -> str:
    """A typed column as it goes into the hash of a state."""
    value = quoted(column.name)
    value = f"epoch_us({value})" if column.type == "timestamptz" else value
    return f"coalesce({value}::varchar, chr(30))"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    return "'" + escaped(value) + "'"
