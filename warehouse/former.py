"""The file that was published last, where the next one may begin as a copy of it.

That is so when only what the new loads touched sets the two apart. `state/published.json` says
what the file was made of; any doubt, and the next one is written whole. After an erasure it always
is: blocks that are free hold former rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import orjson

from contract import durable, formats
from contract.settings import Settings
from warehouse import covered
from warehouse.descriptions import Mart
from warehouse.keep import erasures


@dataclass(frozen=True)
class Made:
    """What a published file is made of.

    of: digest of all but loads: which marts, which whole build, which erasures. loads: digest of
    those covered; former_loads: of those before the last build. patched: rows by table that were
    written since the table was last written whole.
    """

    of: str
    loads: str
    former_loads: str
    patched: dict[str, int] = field(default_factory=dict)

    @property
    def is_built_whole(self) -> bool:
        """Whether the last build made all rows."""
        return self.former_loads == covered.NONE


def made(
    settings: Settings, connection: duckdb.DuckDBPyConnection, marts: list[Mart]
) -> Made | None:
    """What a publication of this warehouse is made of; None where builds are always whole."""
    if settings.engine != "duckdb":
        return None
    try:
        built_by = connection.execute("from warehouse.main.built_by").fetchall()
        loads, former_loads = covered.digests(connection, "warehouse.main")
    except duckdb.CatalogException:  # built by dbt alone
        return None
    parts = (marts, formats.PUBLISHED, built_by, erasures(settings.home))
    return Made(hashlib.sha256(repr(parts).encode()).hexdigest(), loads, former_loads)


def patched(settings: Settings, next_one: Made | None) -> dict[str, int] | None:
    """Rows patched by table in the published file, if the next one may begin with a copy of it."""
    try:
        known = orjson.loads(_path(settings).read_bytes())
        file = _identity(settings.published)
    except (FileNotFoundError, ValueError):
        return None
    if next_one is None or known["file"] != file or known["of"] != next_one.of:
        return None
    if known["loads"] not in (next_one.former_loads, next_one.loads):
        return None
    return dict(known["patched"])


def note(settings: Settings, made: Made | None) -> None:
    """Say what the file that was just published is made of. Raises OSError."""
    if made is None:
        _path(settings).unlink(missing_ok=True)
        return
    known = asdict(made) | {"file": _identity(settings.published)}
    durable.write(_path(settings), [orjson.dumps(known)])


def _path(settings: Settings) -> Path:
    return settings.state / "published.json"


def _identity(file: Path) -> list[int]:
    """Another file, or one that somebody wrote into, has another."""
    stat = file.stat()
    return [stat.st_ino, stat.st_size, stat.st_mtime_ns]
