"""The lake: tables as Parquet files in a store, and a PostgreSQL catalog that says which count.

Two lakes share the catalog's database and the store, so that rights can tell them apart: `PRIVATE`
holds raw tables and models, `PUBLISHED` the marts for analysts. Each is a schema of the database
and a folder of the store.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from contract.settings import Settings
from contract.sql import escaped

PRIVATE, PUBLISHED = "hiring_private", "hiring"
NAME = "warehouse"  # as the catalog of warehouse.duckdb is called: views carry it
_held: list[duckdb.DuckDBPyConnection] = []  # of this process: at most one
_AWS, _REGION = "https://s3.amazonaws.com", "us-east-1"
_EXTENSIONS = ("ducklake", "postgres_scanner", "httpfs")


class LakeUnreachable(RuntimeError):
    """The lake can't be opened. Says what to look at; texts of drivers carry addresses."""


class NotRemoved(RuntimeError):
    """Files of a lake stayed where they were. Says where."""


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The private lake as the catalog `warehouse`, which unqualified names mean.

    Connections of a process share one DuckDB while any of them is open. Raises LakeUnreachable.
    """
    connection = duckdb.connect(instance(settings))
    try:
        prepare(connection, settings)
        attach(connection, settings, PRIVATE, NAME)
        connection.execute(f"use {NAME}")
    except BaseException:
        connection.close()
        raise
    return connection


def instance(settings: Settings) -> str:
    """What dbt opens to find the lake attached, while a connection of `connect` is open."""
    identity = f"{_catalog(settings)} {settings.lake_data}"
    return f":memory:lake-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Opening is a second's work, and done once in this block. Nothing without a lake.

    After the outermost block the lake is detached, whoever keeps a connection: what another
    process makes of it meanwhile is read anew.
    """
    if settings.engine != "ducklake" or _held:
        yield
        return
    with connect(settings) as connection:
        _held.append(connection)
        try:
            yield
        finally:
            _held.clear()
            connection.execute(f"use memory; detach {NAME}")


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Load the extensions out of their wheels, and give the store's key. Raises LakeUnreachable."""
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set TimeZone = 'UTC'")
    is_remote = str(settings.lake_data).startswith("s3://")
    files = [_file_of(name) for name in (_EXTENSIONS if is_remote else _EXTENSIONS[:-1])]
    try:
        for file in files:
            connection.load_extension(str(file))
        if is_remote:
            connection.execute(_key(settings))
    except duckdb.Error as error:  # its text may quote the key
        raise LakeUnreachable(
            f"DuckDB's extensions can't be loaded or HIRING_S3_… is wrong ({type(error).__name__}):"
            " pip install 'occupop-hiring[lake]'"
        ) from None
    if is_remote:
        # A part of an upload is a ten-thousandth of this, and held in memory.
        connection.execute("set s3_uploader_max_filesize = '50GB'")


def attach(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    lake: str,
    name: str,
    *,
    read_only: bool = False,
) -> None:
    """Attach a lake, which is made when it is new. Raises LakeUnreachable.

    No row is inlined in the catalog: people's rows stand in files alone, which an erasure removes.
    """
    options = f"data_path '{escaped(folder(settings, lake))}', metadata_schema '{lake}'"
    options += ", data_inlining_row_limit 0" + (", read_only" if read_only else "")
    source = escaped(f"ducklake:postgres:{_catalog(settings)}")
    try:
        connection.execute(f"attach if not exists '{source}' as {name} ({options})")
    except duckdb.Error as error:
        raise LakeUnreachable(
            f"the lake {lake} can't be opened ({type(error).__name__}): see that the PostgreSQL of"
            " HIRING_LAKE_CATALOG answers and that its user may create schemas, and that"
            " HIRING_LAKE_DATA and HIRING_S3_… are what the lake was made with"
        ) from None


def remove(settings: Settings, lake: str) -> None:
    """Remove a lake: its catalog first, so that nothing reads its files, then all of them.

    An empty one is left. Killed, it is done again. Raises LakeUnreachable, NotRemoved.
    """
    from contract import catalog

    catalog.drop(settings, lake)
    with duckdb.connect() as connection:
        prepare(connection, settings)
        attach(connection, settings, lake, NAME)
        orphans = f"call ducklake_delete_orphaned_files('{NAME}', cleanup_all => true)"
        files = f"from glob('{escaped(folder(settings, lake))}**')"
        try:
            connection.execute(orphans)
            left = connection.execute(files).fetchall()
        except duckdb.Error as error:
            raise NotRemoved(
                f"files below {folder(settings, lake)} can't be removed ({type(error).__name__}):"
                " see that the store answers and the key may delete, and do it again"
            ) from None
    if left:
        raise NotRemoved(f"{len(left)} files stay below {folder(settings, lake)}: remove them")


def folder(settings: Settings, lake: str) -> str:
    """Where the files of a lake lie."""
    return f"{settings.lake_data}/{lake}/"


def _catalog(settings: Settings) -> str:
    return settings.lake_catalog.get_secret_value() if settings.lake_catalog else ""


def _key(settings: Settings) -> str:
    address = urlsplit(settings.s3_endpoint or _AWS)
    key, secret = settings.s3_key_id, settings.s3_secret
    style = "vhost" if (address.hostname or "").endswith("amazonaws.com") else "path"
    given = {
        "key_id": key.get_secret_value() if key else "",
        "secret": secret.get_secret_value() if secret else "",
        "endpoint": address.netloc,
        "region": settings.s3_region or _REGION,
        "url_style": style,
        "scope": f"{settings.lake_data}/",
    }
    parts = ", ".join(f"{name} '{escaped(value)}'" for name, value in given.items())
    ssl = str(address.scheme == "https").lower()
    return f"create or replace secret lake (type s3, {parts}, use_ssl {ssl})"


def _file_of(extension: str) -> Path:
    """The extension in its wheel: nothing is downloaded when a run starts."""
    package = importlib.util.find_spec(f"duckdb_extension_{extension}")
    folders = list(package.submodule_search_locations or ()) if package else []
    name = f"extensions/v{duckdb.__version__}/{extension}.duckdb_extension"
    for path in (Path(folder) / name for folder in folders):
        if path.exists():
            return path
    raise LakeUnreachable(
        f"DuckDB {duckdb.__version__} has no extension {extension} here:"
        " pip install 'occupop-hiring[lake]'"
    )
