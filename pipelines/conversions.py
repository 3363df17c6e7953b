"""How a value as sent becomes a typed one: DuckDB macros, one per Kind of contract/events.py.

Each takes text (JSON scalars as text, objects and lists as JSON text) and returns null where the
value cannot be converted; the pipeline then writes a drift row. docs/events.md shows the cases.
"""

from __future__ import annotations

import duckdb

from contract.events import Kind

_UUID = r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_ROOM = r"\p{Zs}*"  # what trim() takes off
_TIME = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z|[+-]\d\d(:?\d\d)?)?)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_CURRENCY = r"(?i)^(eur|usd|gbp|chf|\p{Sc})|(eur|usd|gbp|chf|\p{Sc})$"

_MACROS = rf"""
create macro as_text(t) as nullif(t, '');

-- nullif is a CASE, which would compute t twice; this computes it once.
create macro filled(t) as list_transform([t], lambda x: nullif(x, ''))[1];

-- What is lower case already need not be looked at.
create macro as_id(t) as
    case when lower(t) = t then nullif(t, '')
         when regexp_full_match(t, '{_UUID}') then lower(t) else t end;

-- The query string of a link is a credential (a signature) or a tracking code.
create macro as_link(t) as nullif(
    case when contains(t, '#') then split_part(split_part(t, '?', 1), '#', 1)
         else split_part(t, '?', 1) end, '');

-- The session's TimeZone is HIRING_SOURCE_TIMEZONE: it gives a bare time its zone.
-- Few have room around them, and trim() costs more than the cast.
create macro as_time(t) as
    case when regexp_full_match(t, '{_TIME}') then try_cast(t as timestamptz)
         when regexp_full_match(t, '{_ROOM}{_TIME}{_ROOM}')
         then try_cast(trim(t) as timestamptz) end;

create macro as_flag(t) as
    case when lower(trim(t)) in ('true', '1', '1.0', 'yes') then true
         when lower(trim(t)) in ('false', '0', '0.0', 'no') then false end;

create macro finite(d) as case when isfinite(d) then d end;

create macro as_number(t) as
    case when regexp_full_match(t, '{_NUMBER}') then finite(try_cast(t as double))
         when regexp_full_match(t, '{_ROOM}({_NUMBER}){_ROOM}')
         then finite(try_cast(trim(t) as double)) end;

-- An amount: currency off, spaces and ' are thousands; `k` is a thousand.
create macro amount(t) as
    regexp_replace(regexp_replace(lower(trim(t)), '{_CURRENCY}', '', 'g'), '[\s''’]', '', 'g');

-- Both , and . are thousands before exactly three digits, else the last one is the decimal mark.
create macro plain_number(a) as case
    when regexp_full_match(a, '\d{{1,3}}(,\d{{3}})+|\d{{1,3}}(\.\d{{3}})+')
        then regexp_replace(a, '[,.]', '', 'g')
    when regexp_full_match(a, '\d{{1,3}}(,\d{{3}})+\.\d+') then replace(a, ',', '')
    when regexp_full_match(a, '\d{{1,3}}(\.\d{{3}})+,\d+')
        then replace(replace(a, '.', ''), ',', '.')
    when regexp_full_match(a, '\d+([.,]\d+)?') then replace(a, ',', '.')
end;

create macro money(a) as try_cast(
    try_cast(list_transform([rtrim(a, 'k')], lambda n: plain_number(n))[1] as decimal(30, 6))
    * case when a like '%k' then 1000 else 1 end
as decimal(18, 2));

-- A lambda names what is read often: a macro would compute it, and compile its patterns, each time.
create macro as_money(t) as list_transform([amount(t)], lambda a: money(a))[1];

create macro lines(j) as
    array_to_string(list_transform(from_json(j, '["varchar"]'), lambda c: trim(c)), chr(10));

-- Text as sent; of a JSON list one item per line.
create macro as_answer(t) as filled(case
    when starts_with(t, '[') and json_valid(t) then lines(t) else t
end);

-- One choice per line, from a JSON list or from text split at newlines, else at ; else | else ,
create macro as_choices(t) as filled(case
    when starts_with(t, '[') and json_valid(t) then lines(t)
    else array_to_string(list_filter(list_transform(
        string_split(t, case when contains(t, chr(10)) then chr(10) when contains(t, ';') then ';'
                             when contains(t, '|') then '|' else ',' end),
        lambda c: trim(c)), lambda c: c <> ''), chr(10))
end);
"""


def install(connection: duckdb.DuckDBPyConnection, source_timezone: str) -> None:
    """Create the macros in a connection and set the zone of bare times."""
    connection.execute(f"set TimeZone = '{source_timezone}'")  # Settings knows the zone
    connection.execute(_MACROS)


def expression(kind: Kind, text: str) -> str:
    """The SQL expression that converts the SQL expression `text`."""
    macro = "text" if kind is Kind.MONEY else kind.value  # money is kept as sent, too
    return f"as_{macro}({text})"
