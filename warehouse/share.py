"""The published tables as one snapshot of a lake of their own: any number of analysts read it.

Nothing else is there, so a right to that lake is no right to raw tables (docs/ducklake.md).
"""

from __future__ import annotations

import hashlib

import duckdb

from contract import lake
from contract.settings import Settings
from contract.sql import escaped
from warehouse.descriptions import Mart, marts

GRACE = "1 hour"  # for which a reader goes on with a former snapshot


class ShareFailed(RuntimeError):
    """The analysts' lake was not brought up to date; the former snapshot stands."""


def share(settings: Settings) -> bool:
    """Put the tables of the published file into the analysts' lake, in one transaction.

    False when they are there. Raises ShareFailed, lake.LakeUnreachable.
    """
    with lake.connect(settings) as connection:
        lake.attach(connection, settings, lake.PUBLISHED, "shared")
        try:
            made_of = _made_of(connection)
            if made_of == _shared(connection):
                return False
            _replace(connection, settings, made_of)
            _tidy(connection)
        except duckdb.Error as error:
            raise ShareFailed(f"sharing failed with {type(error).__name__}") from None
    return True


def _made_of(connection: duckdb.DuckDBPyConnection) -> str:
    """By what, of which loads and with which descriptions the tables were made."""
    made = connection.execute(
        "select fingerprint, last_load_id from main.built_by cross join main.freshness"
    ).fetchone()
    return hashlib.sha256(repr((made, marts())).encode()).hexdigest()


def _shared(connection: duckdb.DuckDBPyConnection) -> str | None:
    row = connection.execute(
        "select max_by(commit_extra_info, snapshot_id) from ducklake_snapshots('shared')"
    ).fetchone()
    return row[0] if row else None


def _replace(connection: duckdb.DuckDBPyConnection, settings: Settings, made_of: str) -> None:
    file = escaped(str(settings.published.resolve()))
    connection.execute(f"attach '{file}' as published (read_only)")
    try:
        connection.execute("begin")
        for mart in marts():
            _replace_mart(connection, mart)
        connection.execute(
            "call ducklake_set_commit_message('shared', 'hiring', 'published', extra_info => ?)",
            [made_of],
        )
        connection.execute("commit")
    finally:
        connection.execute("detach published")


def _replace_mart(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    target, source = (f'{name}.main."{mart.name}"' for name in ("shared", "published"))
    # The file's rows are in order of the table's key.
    connection.execute(f"create or replace table {target} as from {source}")
    for statement in mart.comments(target):
        connection.execute(statement)


def _tidy(connection: duckdb.DuckDBPyConnection) -> None:
    """Former snapshots and their files go when no reader can be left on them."""
    before = f"older_than => now() - interval '{GRACE}'"
    for call in ("expire_snapshots", "cleanup_old_files", "delete_orphaned_files"):
        connection.execute(f"call ducklake_{call}('shared', {before})")
