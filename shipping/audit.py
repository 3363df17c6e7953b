"""Whether the store holds what the mirror holds, byte for byte, and nothing of before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contract.mirror import Mirror
from shipping import zone
from shipping.store import Object, Store, md5

_SEGMENT = re.compile(r"event_name=[^/]+/date=[^/]+/(?P<slot>.+)-(?P<seq>\d+)(?:\.r\d+)?\.\w+")
_ENTRY = re.compile(r"_manifest/(?P<slot>[^/]+)/(?P<seq>\d+)\.json")


@dataclass
class Audit:
    """objects, bytes: compared. differing: not there, or other bytes. stale: no entry names them.

    newer: not fetched yet, so not looked at. foreign: not of a landing zone.
    """

    objects: int = 0
    bytes: int = 0
    differing: int = 0
    stale: int = 0
    newer: int = 0
    foreign: int = 0


def sweep(store: Store, mirror: Mirror) -> int:
    """Delete what killed uploads and rewrites left: files of batches that are here, and that no
    entry names. The mirror is fetched and pushed. Raises StoreFailed."""
    gone = [one.path for one, kind in _sorted(store, mirror) if kind == "stale"]
    store.delete(gone)
    return len(gone)


def audit(store: Store, mirror: Mirror) -> Audit:
    """Compare the whole listing. Raises StoreFailed, DamagedManifest, OSError."""
    found, missing = Audit(), set(_named(mirror))
    for one, kind in _sorted(store, mirror):
        if kind == "named":
            missing.discard(one.path)
            found.objects += 1
            found.bytes += one.bytes
            found.differing += not _is_same(store, mirror, one)
        else:
            setattr(found, kind, getattr(found, kind) + 1)
    found.differing += len(missing)
    return found


def _named(mirror: Mirror) -> list[str]:
    """Paths of all that stands here. What was lost before stands nowhere."""
    entries = [entry for slot in mirror.slots() for entry in mirror.all_entries(slot)]
    files = [file.path for entry in entries for file in entry.files]
    manifests = [zone.manifest(entry.slot, entry.seq) for entry in entries]
    return [path for path in [*files, *manifests] if (mirror.root / path).exists()]


def _sorted(store: Store, mirror: Mirror) -> list[tuple[Object, str]]:
    named = set(_named(mirror))
    last = {slot: max(mirror.sequences(slot), default=0) for slot in mirror.slots()}
    kinds = []
    for one in store.objects():
        match = _SEGMENT.fullmatch(one.path) or _ENTRY.fullmatch(one.path)
        if one.path in named:
            kinds.append((one, "named"))
        elif match:
            is_here = int(match["seq"]) <= last.get(match["slot"], 0)
            kinds.append((one, "stale" if is_here else "newer"))
        elif not one.path.startswith(zone.MARKS):
            kinds.append((one, "foreign"))
    return kinds


def _is_same(store: Store, mirror: Mirror, one: Object) -> bool:
    content = (mirror.root / one.path).read_bytes()
    if one.path.startswith("_manifest/"):  # the same entry may be written otherwise
        return one.md5 == md5(content) or _same_entry(store, mirror, one.path)
    return one.md5 == md5(content) or store.get(one.path) == content


def _same_entry(store: Store, mirror: Mirror, path: str) -> bool:
    match = _ENTRY.fullmatch(path)
    if match is None:
        return False
    slot, seq = match["slot"], int(match["seq"])
    return zone.entry(store, slot, seq) == mirror.entry(slot, seq)
