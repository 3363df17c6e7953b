"""Mirror -> store: what merging and erasing rewrote.

New revisions first, then the manifest entry (the commit point), then what it replaces is deleted.
What is to be deleted is noted before the commit, so that a push that was killed is done again.
"""

from __future__ import annotations

from collections.abc import Iterator

from contract.landing import Entry
from contract.mirror import Mirror
from shipping import zone
from shipping.store import Store


def push(store: Store, mirror: Mirror) -> int:
    """Bring the store up to the mirror; returns how many entries were rewritten there.

    Work is proportional to what was rewritten. The caller holds the lock of the runs.
    Raises StoreFailed, DamagedManifest, OSError, formats.NewerHome.
    """
    unpushed = mirror.all_unpushed()
    for slot, seq, gone in unpushed:
        _push(store, mirror, slot, seq, gone)
    return len(unpushed)


def _push(store: Store, mirror: Mirror, slot: str, seq: int, gone: set[str]) -> None:
    entry = _standing(mirror, slot, seq)
    if entry:
        zone.note_format(store, entry.format)
        there = zone.entry(store, slot, seq)
        old = {file.path for file in there.files} if there else set()
        named = {file.path for file in entry.files}
        gone |= (old | set(_covered(store, entry))) - named
        mirror.note_unpushed(slot, seq, gone)
        with zone.pool() as pool:
            list(pool.map(lambda path: _put(store, mirror, path), sorted(named - old)))
        if there != entry:
            zone.commit(store, entry)
    store.delete(sorted(gone))
    mirror.unpushed(slot, seq).unlink()


def _standing(mirror: Mirror, slot: str, seq: int) -> Entry | None:
    """The entry as it stands here; None when a later one covers it, which was pushed before."""
    for later in mirror.sequences(slot):
        if later >= seq:
            entry = mirror.entry(slot, later)
            if entry.first <= seq:
                return entry if entry.seq == seq else None
    return None


def _covered(store: Store, entry: Entry) -> Iterator[str]:
    """Paths in the store of the entries that this one covers, and of their files."""
    seqs = []
    if entry.first < entry.seq:
        found = zone.sequences(store, entry.slot, entry.first - 1)
        seqs = [seq for seq in found if seq < entry.seq]
    with zone.pool() as pool:
        for seq, old in zip(
            seqs, pool.map(lambda n: zone.entry(store, entry.slot, n), seqs), strict=True
        ):
            yield from (file.path for file in old.files) if old else ()
            yield zone.manifest(entry.slot, seq)


def _put(store: Store, mirror: Mirror, path: str) -> None:
    file = mirror.root / path
    if file.exists():  # else it was lost before, and stands in the manifest as such
        store.put(path, file.read_bytes())
