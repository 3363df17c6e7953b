"""The landing zone in the store: the same paths as on disk, and who writes to which slot.

_slots/<slot>    the home that ships this slot: a random name
_reader          the home that fetches, merges and erases
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from uuid import uuid4

import orjson

from contract import durable, formats
from contract.landing import DamagedManifest, Entry, Landing
from contract.segment import Segment
from shipping.store import Store

THREADS = 4
WINDOW = 64  # batches that are on their way at once
MARKS = ("_format", "_slots/", "_reader")


def manifest(slot: str, seq: int) -> str:
    return f"_manifest/{slot}/{seq:09d}.json"


def slots(store: Store) -> list[str]:
    return store.folders("_manifest")


def sequences(store: Store, slot: str, after: int) -> list[int]:
    """Batches beyond `after`, in order; history is not listed."""
    names = store.names(f"_manifest/{slot}", f"{after:09d}.json")
    return [int(name.removesuffix(".json")) for name in names if name.endswith(".json")]


def entry(store: Store, slot: str, seq: int) -> Entry | None:
    """A manifest entry; None when there is none. Raises DamagedManifest, StoreFailed."""
    content = store.get(manifest(slot, seq))
    if content is None:
        return None
    try:
        read = orjson.loads(content)
        files = tuple(Segment(**file) for file in read.pop("files"))
        return Entry(files=files, **read)
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
        raise DamagedManifest(Path(store.url) / manifest(slot, seq)) from error


def commit(store: Store, entry: Entry) -> None:
    """Write a manifest entry: from here on its batch stands in the store."""
    store.put(manifest(entry.slot, entry.seq), orjson.dumps(entry.as_dict()))


def refuse_newer(store: Store) -> None:
    """Raises formats.NewerHome when a newer version writes to this zone."""
    found = _format(store)
    if found > formats.LANDING:
        raise formats.NewerHome(
            f"{store.url} is of format {found}, and this version of hiring knows"
            f" {formats.LANDING}: install the version of hiring that wrote it, or a later one"
        )


def note_format(store: Store, needed: int = formats.FIRST) -> None:
    """Say which format is needed to read it from now on. Raises as `refuse_newer`."""
    refuse_newer(store)
    if _format(store) < needed:
        store.put("_format", b"%d\n" % needed)


def _format(store: Store) -> int:
    return int(store.get("_format") or 0)


def home_name(outbox: Landing) -> bytes:
    """A home's own name in the store; made once."""
    path = outbox.root / "_home"
    if not path.exists():
        durable.write(path, [uuid4().hex.encode()])
    return path.read_bytes()


def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, "store")


def windows(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while window := list(islice(entries, WINDOW)):
        yield window
