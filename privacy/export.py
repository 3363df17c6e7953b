"""`hiring export`: everything that is held on one candidate, for an access request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from contract import envelope, lake, tombstones
from contract.identities import identities
from contract.settings import Settings
from contract.sql import escaped
from privacy import waiting
from privacy.forget import Bodies
from privacy.look import NotReadable
from privacy.search import Kind, Search, Value
from privacy.traces import landed

_KEYS = ("candidate_uuid", "uuid", "resource_uuid")


def export(
    settings: Settings,
    uuid: str,
    quarantine: Bodies,
    *,
    wait: bool = True,
    gather: Callable[[], object] = lambda: None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """candidate_uuid, exported_at, landing (lines as received), quarantine, tables (rows by table).

    gather: fetches what stands in an object store.
    JSON values only. Journals that are not sealed yet are not read: seconds later they are.
    Raises lock.LockHeld, contract.landing.DamagedManifest, OSError, look.NotReadable.
    """
    with waiting.lock_of_runs(settings, wait, progress):
        gather()
        return {
            "candidate_uuid": uuid.lower(),
            "exported_at": tombstones.now(),
            "landing": list(_lines(settings, uuid.lower())),
            "quarantine": list(_bodies(quarantine, uuid)),
            "tables": {
                name: rows
                for place in _databases(settings)
                for name, rows in _readable(settings, place, uuid.lower())
                if rows
            },
        }


def _lines(settings: Settings, uuid: str) -> Iterator[dict[str, Any]]:
    for _, line in landed(settings.zone):
        try:
            head, body = envelope.split(line)
            payload = orjson.loads(body)
        except ValueError:
            continue
        uuids, _, _ = identities(head["event_name"], body)
        if uuid in (found.lower() for found in uuids):
            yield head | {"body": payload}


def _bodies(quarantine: Bodies, uuid: str) -> Iterator[dict[str, Any]]:
    search = Search([Value.of(Kind.CANDIDATE, uuid)])
    for item in list(quarantine.list()):
        body = quarantine.show(item.id)[1]
        if search.found_bytes(body):
            yield {"id": item.id, "body": body.decode("utf-8", "replace")}


def _databases(settings: Settings) -> Iterator[Path | str]:
    """Files of the home, and the private lake by its name."""
    yield from (path for path in (settings.warehouse, settings.published) if path.exists())
    if settings.engine == "ducklake":
        yield lake.PRIVATE


def _readable(
    settings: Settings, place: Path | str, uuid: str
) -> list[tuple[str, list[dict[str, Any]]]]:
    name = place if isinstance(place, str) else place.name
    try:
        with duckdb.connect() as connection:
            _attach(connection, settings, place)
            return [(f"{name} {table}", rows) for table, rows in _tables(connection, uuid)]
    except duckdb.Error as error:  # their text carries values
        raise NotReadable(f"{name} can't be read ({type(error).__name__})") from None


def _attach(connection: duckdb.DuckDBPyConnection, settings: Settings, place: Path | str) -> None:
    connection.execute("set TimeZone = 'UTC'")
    if isinstance(place, str):
        lake.prepare(connection, settings)
        lake.attach(connection, settings, place, "held", read_only=True)
    else:
        quoted = escaped(place)
        connection.execute(f"attach '{quoted}' as held (read_only)")


def _tables(
    connection: duckdb.DuckDBPyConnection, uuid: str
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of every table that names candidates, and of the tables of their deliveries' lists."""
    columns = connection.execute(
        "select schema_name, table_name, list(column_name) from duckdb_columns()"
        " where database_name = 'held' and not internal and (schema_name, table_name) in"
        " (select (schema_name, table_name) from duckdb_tables()) or database_name = 'held'"
        " and schema_name = 'raw' group by all order by all"  # with spark, views of files
    ).fetchall()
    for schema, table, names in columns:
        where = _where(schema, table, set(names))
        if where:
            found = connection.execute(f'from held."{schema}"."{table}" where {where}', [uuid])
            heads = [column[0] for column in found.description or ()]
            rows = [dict(zip(heads, row, strict=True)) for row in found.fetchall()]
            yield f"{schema}.{table}", [_plain(row) for row in rows]


def _where(schema: str, table: str, names: set[str]) -> str | None:
    if table.startswith(("candidate_event", "other_event")) and "event_id" in names:
        if key := next((key for key in _KEYS if key in names), None):
            return f"lower({key}) = ?"
        return f"event_id in (select event_id from held.{schema}.candidate_events where uuid = ?)"
    return "lower(candidate_uuid) = ?" if "candidate_uuid" in names else None


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in row.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
