"""Whether the store can be listed, written, read and cleaned: for `hiring doctor`."""

from __future__ import annotations

from uuid import uuid4

from contract import formats
from contract.settings import Settings
from shipping import zone
from shipping.store import Store, StoreFailed


def probe(settings: Settings) -> str | None:
    """What is wrong, with what to do; None when all is well. Leaves nothing behind."""
    store, path = Store(settings), f"_slots/probe-{uuid4().hex}"
    try:
        zone.refuse_newer(store)
        store.folders("_manifest")
        store.put(path, b"probe")
        store.delete([path])
    except (StoreFailed, formats.NewerHome) as error:
        return str(error)
    return None
