"""Store -> mirror: the batches beyond those that are here, checked, without the erased.

A batch is in the mirror when its manifest entry stands there, as in any landing zone. What is
fetched is screened for the erased before that, so that nothing of theirs is ever loaded: other
hosts need not know who was erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contract import durable
from contract.landing import DamagedManifest, Entry, Landing
from contract.mirror import Mirror
from contract.segment import Segment
from shipping import zone
from shipping.store import Store

# Writes revisions of a batch's files without the erased; returns the entry that names them.
Screen = Callable[[Landing, Entry], Entry]


class BatchMissing(RuntimeError):
    """A batch between two others is not in the store: the text names it."""


@dataclass
class Fetched:
    """What was new. screened: batches that held events of the erased."""

    batches: int = 0
    events: int = 0
    screened: int = 0


def fetch(store: Store, mirror: Mirror, screen: Screen, *, again: bool = False) -> Fetched:
    """Bring the mirror up to what stands in the store.

    again: also files of before that are lost or cut here. The caller holds the lock of the runs.
    Raises StoreFailed, BatchMissing, DamagedManifest, OSError, formats.NewerHome.
    """
    done = Fetched()
    zone.refuse_newer(store)
    if again:
        _mend(store, mirror)
    for slot in zone.slots(store):
        here = max(mirror.sequences(slot), default=0)
        for window in zone.windows(_beyond(store, slot, here)):
            _download(store, mirror, window)
            for entry in window:
                _take(mirror, entry, screen, done)
    return done


def _beyond(store: Store, slot: str, here: int) -> Iterator[Entry]:
    """The entries beyond `here` in order; those that a merged one covers are left out."""
    found: list[Entry] = []
    with zone.pool() as pool:
        new = zone.sequences(store, slot, here)
        read = list(pool.map(lambda seq: zone.entry(store, slot, seq), new))
    for entry in reversed([entry for entry in read if entry]):
        if not found or entry.seq < found[-1].first:
            found.append(entry)
    for entry in reversed(found):
        if entry.first > here + 1:
            raise BatchMissing(
                f"{store.url}: batch {here + 1} of slot {slot} is not there, and later ones are:"
                " restore it from a backup of the store"
            )
        here = entry.seq
        yield entry


def _download(store: Store, mirror: Mirror, entries: list[Entry]) -> None:
    files = [file for entry in entries for file in entry.files]
    with zone.pool() as pool:
        list(pool.map(lambda file: _file(store, mirror, file), files))


def _file(store: Store, mirror: Mirror, file: Segment) -> None:
    """A file that is lost or damaged there is so here: its batch is set aside when it is loaded."""
    content = store.get(file.path)
    if content is not None and not _is_whole(content, file):
        content = store.get(file.path)  # damaged on its way?
    if content is not None:
        durable.write(mirror.root / file.path, [content])


def _is_whole(content: bytes, file: Segment) -> bool:
    return hashlib.sha256(content).hexdigest() == file.sha256


def _take(mirror: Mirror, entry: Entry, screen: Screen, done: Fetched) -> None:
    screened = screen(mirror, entry)
    if screened == entry:
        mirror.take(entry)
    else:
        kept = {file.path for file in screened.files}
        for file in entry.files:
            if file.path not in kept:  # before the commit: killed, it is fetched again
                (mirror.root / file.path).unlink(missing_ok=True)
        mirror.commit(screened)
        done.screened += 1
    if entry.first < entry.seq:
        mirror.note_merged(entry.slot, entry.seq)
    done.batches += 1
    done.events += entry.rows


def _mend(store: Store, mirror: Mirror) -> None:
    for slot in mirror.slots():
        for seq in mirror.sequences(slot):
            try:
                files = mirror.entry(slot, seq).files
            except DamagedManifest:
                if there := zone.entry(store, slot, seq):
                    mirror.take(there)
                    files = there.files
                else:
                    raise
            for file in files:
                path = mirror.root / file.path
                if not path.exists() or path.stat().st_size != file.bytes:
                    _file(store, mirror, file)
