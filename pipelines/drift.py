"""What did not match the contract: unknown fields, wrong shapes, values that did not convert.

A drift row names a path, never a value: no one knows whether an unknown field is personal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from contract import raw
from contract.events import Kind
from pipelines.payload_sql import (
    List,
    literal,
    names,
    objects,
    pointer,
    quoted,
    spellings,
    text,
    typed,
)

MOST_ROWS = 1000
_PATH = r"[A-Za-z_][A-Za-z0-9_.\[\]]{0,127}"
KEYS = "keys_of_objects"
_SCALARS = (Kind.TEXT, Kind.ID, Kind.LINK)


def unknown_keys(model: type[BaseModel]) -> str:
    """The JSON pointers of unknown fields, as a LIST; nested objects included."""
    found = []
    for number, (path, nested) in enumerate(objects(model), start=1):
        known = ", ".join(
            literal(name) for field in nested.model_fields for name in names(nested, field)
        )
        found.append(
            f"list_transform(list_filter({KEYS}[{number}], lambda k: k not in ({known})),"
            f" lambda k: {pointer((*path, ''))} || replace(replace(k, '~', '~0'), '/', '~1'))"
        )
    return f"list_distinct(list_concat({', '.join(found)}))"


def all_keys(model: type[BaseModel]) -> str:
    """The keys of every object of the payload, one LIST each: what unknown_keys reads."""
    return f"json_keys(body, [{', '.join(pointer(path) for path, _ in objects(model))}])"


def unknown_fields(unknown: str) -> str:
    """Unknown fields as one JSON object, keyed by dotted path; null when there is none."""
    key = "replace(p[7:], '/', '.')"  # behind /data/
    return f"""case when len({unknown}) > 0 then to_json(map_from_entries(list_transform({unknown},
        lambda p: {{'key': {key}, 'value': json_extract(body, p)}})))::varchar end"""


def query(resource_type: str, model: type[BaseModel], lists: Sequence[List]) -> str:
    """Rows (resource_type, path, kind, json_type, length, landed_at, event_id), one per finding."""
    parts = [
        _unknown(),
        *_not_converted(model),
        *_wrong_shapes(model, lists),
    ]
    source = f"from {resource_type}"
    selects = [
        f"select {literal(resource_type)} as resource_type, {columns}, landed_at, event_id"
        f" {source} {where}"
        for columns, where in parts
    ]
    return " union all ".join(selects)


def summary(findings: str, batch: str) -> str:
    """The rows of contract_drift for a load; `batch` names the load and makes their keys."""
    odd = f"not regexp_full_match(path, {literal(_PATH)})"
    return f"""
        with findings as ({findings}),
        named as (
            select * replace (case when {odd} then '(odd)' else path end as path,
                              case when {odd} then 'odd_path' else kind end as kind)
            from findings)
        select md5(concat_ws('/', {literal(batch)}, resource_type, path, kind, json_type))
                   as drift_id, resource_type, path, kind, json_type, max(length) as length,
               min(landed_at) as first_seen, max(landed_at) as last_seen,
               count(distinct event_id) as count
        from named group by resource_type, path, kind, json_type
        order by count desc, resource_type, path, kind, json_type limit {MOST_ROWS}"""


def _unknown() -> tuple[str, str]:
    value = "json_extract(body, p.pointer)"
    columns = f"""replace(p.pointer[7:], '/', '.') as path, 'unknown_field' as kind,
        json_type({value}) as json_type, length({value}::varchar) as length"""
    return columns, "cross join unnest(unknown) as p(pointer) where len(unknown) > 0"


def _not_converted(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for column in raw.payload_columns(model):
        for path in spellings(model, column.path):
            value = "d." + ".".join(quoted(part) for part in path)
            columns = f"""{literal(".".join(path))} as path, 'not_converted' as kind,
                json_type(body, {pointer(path)}) as json_type, length({value}) as length"""
            yield columns, f"where {value} <> '' and {_is_lost(model, column, value)}"


def _is_lost(model: type[BaseModel], column: raw.Column, value: str) -> str:
    if column.kind is Kind.MONEY:  # a word ('Competitive') is no amount, and no drift
        return rf"regexp_matches({value}, '\d') and as_money({value}) is null"
    if column.kind in _SCALARS:  # an object or a list in the place of a scalar
        return f"{value}[1] in ('{{', '[') and ({text(model, column)}) is null"
    return f"({typed(model, column)}) is null"


def _wrong_shapes(model: type[BaseModel], lists: Sequence[List]) -> Iterator[tuple[str, str]]:
    for path, nested in objects(model):
        if path:  # json_transform makes a STRUCT of nulls of what is no object
            at = f"json_type(body, {pointer(path)})"
            leaves = (".".join(map(quoted, ("d", *path, name))) for name in nested.model_fields)
            is_empty = f"coalesce({', '.join(leaves)}) is null"
            bad = f"case when {is_empty} then {at} not in ('OBJECT', 'NULL') end"
            yield _wrong_shape(path, at), f"where {bad}"
    for part in lists:
        at = f"json_type(d.{quoted(part.path)})"
        yield _wrong_shape((part.path,), at), f"where {at} not in ('ARRAY', 'OBJECT', 'NULL')"


def _wrong_shape(path: tuple[str, ...], json_type: str) -> str:
    return f"""{literal(".".join(path))} as path, 'wrong_shape' as kind, {json_type} as json_type,
        length(json_extract(body, {pointer(path)})::varchar) as length"""
