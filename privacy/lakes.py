"""Where values stand in a lake: rows of every file in the store, counted or not, and the catalog.

A catalog knows the least and greatest text of each column of a file, so it may name people, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from contract import catalog, lake
from contract.settings import Settings
from contract.sql import escaped
from privacy.look import NotReadable, Seen, rows
from privacy.search import Search

PLACE = "lake"
_CONTROL = "hiring_control"


def remove(settings: Settings) -> None:
    """The private lake with all its files; a sync makes it anew. Nothing without a lake.

    Raises lake.LakeUnreachable, lake.NotRemoved.
    """
    if settings.engine == "ducklake":
        lake.remove(settings, lake.PRIVATE)


def remove_history(settings: Settings) -> None:
    """What only former snapshots of the published lake hold, with no grace for their readers.

    Raises lake.LakeUnreachable, lake.NotRemoved.
    """
    if settings.engine != "ducklake":
        return
    calls = ("cleanup_old_files", "delete_orphaned_files")
    expire = f"call ducklake_expire_snapshots('{lake.NAME}', older_than => now())"
    with _opened(settings, lake.PUBLISHED) as connection:
        try:
            for statement in (expire, *(_all(call) for call in calls)):
                connection.execute(statement)
        except duckdb.Error as error:
            raise lake.NotRemoved(
                f"former snapshots of the published lake stay ({type(error).__name__}):"
                " run `hiring forget --reapply` when the store answers"
            ) from None
    with catalog.connect(settings) as session:
        for name in _tables(settings, lake.PUBLISHED):  # rows that were deleted stay until then
            session.execute(f"vacuum full {name}".encode())


def _all(call: str) -> str:
    return f"call ducklake_{call}('{lake.NAME}', cleanup_all => true)"


def look(settings: Settings, search: Search, lakes: tuple[str, ...] = ()) -> Seen:
    """Read both lakes, or those named: files as they lie in the store, and the catalog's rows.

    Nothing without a lake. Raises NotReadable, lake.LakeUnreachable.
    """
    seen = Seen()
    if settings.engine != "ducklake":
        return seen
    for name in lakes or (lake.PRIVATE, lake.PUBLISHED):
        try:
            for place, text in _texts(settings, name):
                seen.note(place, search.found(text))
        except duckdb.Error as error:  # its text carries values
            raise NotReadable(f"lake {name} can't be read ({type(error).__name__})") from None
    return seen


def control(settings: Settings, body: str, search: Search) -> tuple[str, ...]:
    """Plant a text in a lake of its own; the kinds of place in which all its values were found.

    Raises lake.LakeUnreachable, lake.NotRemoved.
    """
    if settings.engine != "ducklake":
        return ()
    with _opened(settings, _CONTROL) as connection:
        connection.execute(f"create or replace table {lake.NAME}.planted as select ? as b", [body])
    seen = look(settings, search, (_CONTROL,))
    lake.remove(settings, _CONTROL)
    catalog.drop(settings, _CONTROL)
    return tuple(place.split(" ")[2] for place in seen.places())


def _texts(settings: Settings, name: str) -> Iterator[tuple[str, str]]:
    with _opened(settings, name) as connection:
        glob = f"from glob('{lake.folder(settings, name)}**')"
        for (file,) in connection.execute(glob).fetchall():
            for text in rows(connection, f"read_parquet('{escaped(file)}')"):
                yield f"{PLACE} {name} files", text
    with catalog.connect(settings) as session:
        for table in _tables(settings, name):
            for (text,) in session.execute(f"select t::text from {table} as t".encode()):
                yield f"{PLACE} {name} catalog", text


def _tables(settings: Settings, name: str) -> list[str]:
    with catalog.connect(settings) as session:
        found = session.execute(
            "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname = %s",
            [name],
        )
        return [table for (table,) in found]


@contextmanager
def _opened(settings: Settings, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own with this lake attached."""
    with duckdb.connect() as connection:
        lake.prepare(connection, settings)
        lake.attach(connection, settings, name, lake.NAME)
        yield connection
