"""The lake's PostgreSQL beside DuckDB: one run among machines, and what only SQL there can do."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contract.lake import PRIVATE, LakeUnreachable
from contract.lock import LockHeld
from contract.settings import Settings

if TYPE_CHECKING:
    import psycopg

# A dead machine's lock goes in a minute, not after the two hours of PostgreSQL's default.
_KEEPALIVE = (
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    " -c idle_session_timeout=0"
)
_HOLDER = (
    "select application_name, backend_start::text from pg_stat_activity join pg_locks using (pid)"
    " where locktype = 'advisory' and granted and application_name like 'hiring %' limit 1"
)
_held: dict[int, psycopg.Connection] = {}  # by process: a child does not hold its parent's


class LockLost(RuntimeError):
    """The lock among machines is gone, so another run may have begun: this one ends."""


@contextmanager
def connect(settings: Settings, doing: str = "hiring") -> Iterator[psycopg.Connection]:
    """A session of the catalog's database, each statement its own transaction.

    Raises LakeUnreachable.
    """
    import psycopg

    address = settings.lake_catalog.get_secret_value() if settings.lake_catalog else ""
    name = f"{doing} on {socket.gethostname()}, process {os.getpid()}"
    try:
        session = psycopg.connect(
            address, autocommit=True, application_name=name[:63], options=_KEEPALIVE
        )
    except psycopg.Error as error:
        raise LakeUnreachable(
            f"the catalog of HIRING_LAKE_CATALOG does not answer ({type(error).__name__}):"
            " see that PostgreSQL runs, and the address, user and password"
        ) from None
    with session:
        try:
            yield session
        except psycopg.Error as error:  # its text carries names and addresses
            raise LakeUnreachable(
                f"PostgreSQL refused or was lost ({type(error).__name__}): its log says why"
            ) from None


@contextmanager
def one_run(settings: Settings, doing: str) -> Iterator[None]:
    """One run among all machines that share the lake. Whoever holds it may take it again.

    The session dies with its process, and the lock with the session. Raises LockHeld,
    LakeUnreachable.
    """
    if os.getpid() in _held:
        yield
        return
    with connect(settings, doing) as session:
        row = session.execute(
            "select pg_try_advisory_lock(hashtextextended(%s, 0))", [PRIVATE]
        ).fetchone()
        if not (row and row[0]):
            holder = session.execute(_HOLDER).fetchone() or ("another run", "a moment ago")
            raise LockHeld(
                f"'{holder[0]}' has held the lake's lock since {holder[1]}; wait for it, or stop it"
            )
        _held[os.getpid()] = session
        try:
            yield
        finally:
            _held.clear()


def check() -> None:
    """That the lock of `one_run` is still ours; nothing without a lake. Raises LockLost."""
    import psycopg

    session = _held.get(os.getpid())
    if session is None:
        return
    try:
        row = session.execute(
            "select count(*) from pg_locks where locktype = 'advisory'"
            " and pid = pg_backend_pid() and granted"
        ).fetchone()
    except psycopg.Error:
        row = None
    if not (row and row[0]):
        raise LockLost(
            "the lake's lock was lost (PostgreSQL was restarted, or the network failed):"
            " run `hiring sync` again"
        )


def drop(settings: Settings, lake: str) -> None:
    """The tables of a lake's catalog, with all that they say of its files."""
    with connect(settings) as session:
        session.execute(f'drop schema if exists "{lake}" cascade'.encode())
