"""What did not match the contract: unknown fields, wrong shapes, values that did not convert.

A drift row names a path, never a value: no one knows whether an unknown field is personal.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from pydantic import BaseModel

from contract import raw
from contract.events import Kind
from pipelines.payload_sql import (
    AMOUNTS,
    OPENING,
    SCALARS,
    List,
    literal,
    names,
    objects,
    pointer,
    quoted,
    spellings,
)

MOST_ROWS = 1000
# Columns of the tables that findings go through.
SHAPES = {"shape": "ubigint", "unknown": "varchar[]"}
UNKNOWN_FIELDS = {
    "event_id": "varchar",
    "landed_at": "timestamptz",
    "paths": "varchar[]",
    "found": "json[]",
}
FINDINGS = {
    "resource_type": "varchar",
    "path": "varchar",
    "kind": "varchar",
    "json_type": "varchar",
    "length": "bigint",
    "landed_at": "timestamptz",
    "event_id": "varchar",
}
_DOTTED = "replace(p[7:], '/', '.')"  # of a JSON pointer below /data/
_PATH = r"[A-Za-z_][A-Za-z0-9_.\[\]]{0,127}"

_ODD = f"not regexp_full_match(path, {literal(_PATH)})"
# Query: the rows of contract_drift for a batch, out of `findings`; $1 names it: part of their keys.
SUMMARY = f"""
    with named as (
        select * replace (case when {_ODD} then '(odd)' else path end as path,
                          case when {_ODD} then 'odd_path' else kind end as kind)
        from findings)
    select md5(concat_ws('/', $1::varchar, resource_type, path, kind, json_type))
               as drift_id, resource_type, path, kind, json_type, max(length) as length,
           min(landed_at) as first_seen, max(landed_at) as last_seen,
           count(distinct event_id) as count
    from named group by resource_type, path, kind, json_type
    order by count desc, resource_type, path, kind, json_type limit {MOST_ROWS}"""


def shape(model: type[BaseModel]) -> str:
    """A number that is the same for payloads with the same keys: a company sends a few shapes."""
    return f"hash({_all_keys(model)})"


def shapes(resource_type: str, model: type[BaseModel]) -> str:
    """Query (shape, unknown): the JSON pointers of unknown fields, as a LIST, of each shape."""
    found = []
    for number, (path, nested) in enumerate(objects(model), start=1):
        known = ", ".join(
            literal(name) for field in nested.model_fields for name in names(nested, field)
        )
        found.append(
            f"list_transform(list_filter(keys[{number}], lambda k: k not in ({known})),"
            f" lambda k: {pointer((*path, ''))} || replace(replace(k, '~', '~0'), '/', '~1'))"
        )
    return f"""
        select shape, list_distinct(list_concat({", ".join(found)})) as unknown
        from (select shape, {_all_keys(model)} as keys
              from (select shape, any_value(body) as body from {resource_type} where is_ours
                    group by shape))"""


def _all_keys(model: type[BaseModel]) -> str:
    """The keys of every object of the payload, one LIST each."""
    return f"json_keys(body, [{', '.join(pointer(path) for path, _ in objects(model))}])"


def unknown_fields(resource_type: str) -> str:
    """Query (event_id, landed_at, paths, found): of each row with unknown fields their JSON
    pointers and what stands there, two LISTs. A body is parsed for each of them, so once."""
    return f"""
        select event_id, landed_at, unknown as paths,
               list_transform(unknown, lambda p: json_extract(body, p)) as found
        from {resource_type} join {resource_type}_shapes using (shape)
        where is_ours and len(unknown) > 0"""


def extras(resource_type: str) -> str:
    """Query (event_id, extra): unknown fields as one JSON object, keyed by dotted path."""
    return f"""
        select event_id, to_json(map_from_entries(list_transform(paths, lambda p, place:
            {{'key': {_DOTTED}, 'value': found[place]}})))::varchar as extra
        from {resource_type}_unknown"""


def is_odd(model: type[BaseModel], lists: Sequence[List], fields: Container[str]) -> str:
    """Whether these fields of a row have any finding but unknown ones: that is looked for in
    odd rows alone."""
    conditions = [where for field, _, where in _findings(model, lists) if field in fields]
    # As the condition of a CASE each is looked at only for the rows that those before it left.
    return f"case when {' or '.join(conditions)} then true else false end"


def unknown_found(resource_type: str) -> str:
    """Query (resource_type, path, kind, json_type, length, landed_at, event_id): a row for each
    finding; these are the unknown fields."""
    return f"""{_about(resource_type)}, {_DOTTED} as path, 'unknown_field' as kind,
                json_type(value) as json_type, length(value::varchar) as length
            from (select landed_at, event_id, unnest(paths) as p, unnest(found) as value
                  from {resource_type}_unknown)"""


def odd_found(resource_type: str, model: type[BaseModel], lists: Sequence[List], rows: str) -> str:
    """The same of what is odd; rows: the query of odd rows: `body`, `d` and the typed columns."""
    findings = ", ".join(
        f"case when {where} then {{{finding}}} end" for _, finding, where in _findings(model, lists)
    )
    return f"""{_about(resource_type)}, unnest(finding)
            from (select landed_at, event_id, unnest([{findings}]) as finding from ({rows}))
            where finding is not null"""


def _about(resource_type: str) -> str:
    return f"select {literal(resource_type)} as resource_type, landed_at, event_id"


def _findings(model: type[BaseModel], lists: Sequence[List]) -> Iterator[tuple[str, str, str]]:
    """(field, finding, condition)"""
    yield from _not_converted(model)
    yield from _wrong_shapes(model, lists)


def _not_converted(model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    for column in raw.payload_columns(model):
        for path in spellings(model, column.path):
            value = "d." + ".".join(quoted(part) for part in path)
            at = f"json_type(body, {pointer(path)})"
            finding = _finding(path, "not_converted", at, value)
            yield path[0], finding, f"({value} <> '' and {_is_lost(column, value)})"


def _is_lost(column: raw.Column, value: str) -> str:
    typed = quoted(AMOUNTS.get(column.name, column.name))
    if column.kind is Kind.MONEY:  # a word ('Competitive') is no amount, and no drift
        return rf"{typed} is null and regexp_matches({value}, '\d')"
    if column.kind in SCALARS:  # an object or a list in the place of a scalar
        return f"{typed} is null and ascii({value}) in {OPENING}"
    return f"{typed} is null"


def _wrong_shapes(model: type[BaseModel], lists: Sequence[List]) -> Iterator[tuple[str, str, str]]:
    for path, nested in objects(model):
        if path:  # json_transform makes a STRUCT of nulls of what is no object
            at = f"json_type(body, {pointer(path)})"
            leaves = (".".join(map(quoted, ("d", *path, name))) for name in nested.model_fields)
            is_empty = f"coalesce({', '.join(leaves)}) is null"
            bad = f"case when {is_empty} then {at} not in ('OBJECT', 'NULL') end"
            yield path[0], _wrong_shape(path, at), bad
    for part in lists:
        at = f"json_type(d.{quoted(part.path)})"
        yield part.path, _wrong_shape((part.path,), at), f"{at} not in ('ARRAY', 'OBJECT', 'NULL')"


def _wrong_shape(path: tuple[str, ...], json_type: str) -> str:
    value = f"json_extract(body, {pointer(path)})::varchar"
    return _finding(path, "wrong_shape", json_type, value)


def _finding(path: tuple[str, ...], kind: str, json_type: str, value: str) -> str:
    """The fields of a finding, as of a STRUCT."""
    return f"""path: {literal(".".join(path))}, kind: {literal(kind)}, json_type: {json_type},
        length: length({value})"""
