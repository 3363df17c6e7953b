"""What is left after an erasure; first the control, that the search would find it.

A search that finds nothing proves nothing by itself: DuckDB and Parquet compress strings, and a
payload may spell an address in many ways. So a made-up address is planted in every kind of
storage, in every spelling, and must be found there.
"""

from __future__ import annotations

import gzip
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import orjson

from contract import segment, sql
from contract.settings import Settings
from privacy import lakes
from privacy.look import look, scan_bytes
from privacy.made import DATABASES
from privacy.search import Kind, Search, Value

# What is ours under HIRING_HOME; journals are sealed before, and their lines become stubs.
PLACES = (
    "landing",
    "quarantine",
    "state",
    "config",
    "reports",
    "published",
    "spark",
    "mirror",
)
NOT_SEARCHED = ("journal", "secrets", "state/erasing.json", "state/sync.lock")


class ControlFailed(RuntimeError):
    """A planted value was not found: the search proves nothing here. Says where it was planted."""


@dataclass(frozen=True)
class Proof:
    """controls: kinds of storage in which a planted value was found. looked: place -> rows, lines,
    bodies that were read. hits: place -> those that still hold a value. bytes_scanned: files.
    byte_hits: file -> chunks with a value. elsewhere: files under HIRING_HOME that are not ours
    and hold one. store: the object store compared with the mirror that was searched
    (shipping/audit.py); None without one.
    """

    controls: tuple[str, ...]
    values: int
    looked: Mapping[str, int]
    hits: Mapping[str, int]
    bytes_scanned: int
    byte_hits: Mapping[str, int]
    elsewhere: Mapping[str, int]
    store: Mapping[str, int] | None = None

    @property
    def is_clean(self) -> bool:
        return not self.hits and not self.byte_hits and self._is_store_clean

    @property
    def _is_store_clean(self) -> bool:
        return self.store is None or not (self.store["differing"] or self.store["stale"])

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"is_clean": self.is_clean}


def prove(settings: Settings, search: Search) -> Proof:
    """Look everywhere for what must be gone.

    Raises ControlFailed, NotReadable, OSError, lake.LakeUnreachable.
    """
    home, controls = settings.home, control(settings)
    seen = look(home, search, NOT_SEARCHED) | lakes.look(settings, search)
    # The lines of the landing zone were read as they stand, out of Parquet, too.
    bare = scan_bytes(home, search, [*NOT_SEARCHED, "landing", "mirror"])
    ours = {place: count for place, count in seen.places().items() if _is_ours(place)}
    return Proof(
        controls,
        len(search.values),
        dict(sorted(seen.looked.items())),
        ours,
        len(bare.looked),
        {place: count for place, count in bare.places().items() if _is_ours(place)},
        {place: count for place, count in seen.places().items() if place not in ours},
    )


def _is_ours(place: str) -> bool:
    name = place.replace(" ", "/").split("/")[0]
    return name in (*PLACES, lakes.PLACE) or any(fnmatch(name, pattern) for pattern in DATABASES)


def control(settings: Settings) -> tuple[str, ...]:
    """Plant an address and a link in every kind of storage, and find them.

    Returns the kinds. Raises ControlFailed.
    """
    scratch = settings.state
    scratch.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(8)
    address, link = f"Zoë.Planted.{token}@example.com", f"https://files.example.com/{token}/cv.pdf"
    search = Search([Value.of(Kind.EMAIL, address), Value.of(Kind.LINK, link)])
    with tempfile.TemporaryDirectory(prefix="control-", dir=scratch) as folder:
        planted = _plant(Path(folder), address.upper(), link)
        for kind, path in planted.items():
            found = (scan_bytes if kind == "bytes" else look)(path, search).values
            if len(found) != len(search.values):
                raise ControlFailed(f"what was planted as {kind} was not found: nothing is proven")
    return (*planted, *_control_of_lake(settings, f"{address} {link}", search))


def _control_of_lake(settings: Settings, text: str, search: Search) -> tuple[str, ...]:
    found = lakes.control(settings, text, search)
    if settings.engine == "ducklake" and set(found) != {"files", "catalog"}:
        raise ControlFailed("what was planted in a lake was not found: nothing is proven")
    return tuple(f"lake's {place}" for place in found)


def _plant(folder: Path, address: str, link: str) -> dict[str, Path]:
    """kind of storage -> folder that holds both values."""
    body = orjson.dumps({"data": {"email": address, "file": {"url": f"{link}?expires=1"}}})
    escaped = body.decode().replace("@", "\\u0040").replace("/", "\\/").replace("Ë", "\\u00cb")
    texts = {
        "line": ("w0-1.jsonl", b'{"body":' + escaped.encode() + b"}\n"),
        "string in a string": ("body", orjson.dumps(escaped)),
        "form": ("form", quote(f"{address} {link}").encode()),
        "utf-16": ("body", f"{address} {link}".encode("utf-16-le")),
        "page": ("page.html", escape(f"{address} {link}").replace("@", "&#64;").encode()),
        "compressed": ("package.jsonl.gz", gzip.compress(body)),
    }
    for kind, (name, content) in texts.items():
        (folder / kind).mkdir()
        (folder / kind / name).write_bytes(content)
    for kind in ("table", "bytes"):
        (folder / kind).mkdir()
        _plant_table(
            folder / kind / "planted.duckdb", body.decode(), address, is_bare=kind == "bytes"
        )
    (folder / "segment").mkdir()
    odd = b'{"v":1, "event_id":"e","name":"%b","body":%b}\n' % (address.encode(), escaped.encode())
    segment.write(folder / "segment", f"planted{segment.PACKED}", [odd])
    (folder / "parquet").mkdir()
    with duckdb.connect() as connection:
        connection.execute("create table planted as select ? as body", [body.decode()])
        target = sql.escaped(folder / "parquet" / "planted.parquet")
        connection.execute(f"copy planted to '{target}' (compression zstd)")
    kinds = [*texts, "table", "segment", "parquet", "bytes"]
    return {kind: folder / kind for kind in kinds}


def _plant_table(path: Path, body: str, address: str, *, is_bare: bool) -> None:
    """A table as the warehouse keeps them, or one whose bytes are not compressed."""
    with duckdb.connect(str(path)) as connection:
        if is_bare:
            connection.execute("set force_compression = 'uncompressed'")
        connection.execute(
            "create table planted as select i, [?] as addresses, case when i = 4000 then ? end"
            " as body from range(5000) as numbers(i)",
            [address, body],
        )
