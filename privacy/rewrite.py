"""The landing zone without the erased: their lines become stubs, in new revisions of segments.

A revision is written, then the manifest entry that names it (the commit), then the old file goes.
Killed anywhere, it is simply done again: what is a stub already stays as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from contract import durable
from contract.landing import Entry, Landing, Segment, revision
from contract.tombstones import Tombstones

_NAME = re.compile(r"(?P<slot>.+)-(?P<seq>\d+)(?:\.r\d+)?\.jsonl(?:\.tmp)?")


@dataclass
class Rewritten:
    """lines: became stubs. segments, bytes: rewritten."""

    lines: int = 0
    segments: int = 0
    bytes: int = 0


def rewrite(landing: Landing, erased: Tombstones) -> Rewritten:
    """Rewrite every sealed segment that holds a line of the erased. The caller holds the lock.

    Entries that a merged one covers are rewritten, too, and leftovers of killed seals and merges.
    Raises OSError, contract.landing.DamagedManifest.
    """
    done = Rewritten()
    # In this order: what is in no entry and has no journal was not in flight in between.
    leftovers = set(_files(landing))
    journals = {path.name for path in landing.journals.glob("*.journal")}
    for slot in landing.slots():
        for seq in landing.sequences(slot):
            entry = landing.entry(slot, seq)
            leftovers -= {file.path for file in entry.files}
            _rewrite_entry(landing, entry, erased, done)
    for path in sorted(leftovers):
        if not _in_flight(landing, path, journals):
            _clean(landing.root / path, erased)
    return done


def _rewrite_entry(landing: Landing, entry: Entry, erased: Tombstones, done: Rewritten) -> None:
    files = {file: _rewrite_file(landing, entry, file, erased, done) for file in entry.files}
    if any(old != new for old, new in files.items()):
        landing.commit(replace(entry, files=tuple(files.values())))
    for old, new in files.items():
        if old != new:
            _unlink(landing.root / old.path)


def _rewrite_file(
    landing: Landing, entry: Entry, file: Segment, erased: Tombstones, done: Rewritten
) -> Segment:
    """The segment as it is, or its new revision."""
    path = landing.root / file.path
    lines = _count(path, erased) if path.exists() else 0
    if not lines:
        return file
    partition, date = file.path.split("/")[:2]
    new = landing.write_segment(
        landing.segment(
            partition.partition("=")[2],
            date.partition("=")[2],
            entry.slot,
            entry.seq,
            revision(file.path) + 1,
        ),
        _applied(path, erased),
    )
    done.lines += lines
    done.segments += 1
    done.bytes += new.bytes
    # A damaged segment is set aside by its checksum, and stays so.
    return new if _is_whole(path, file) else replace(new, sha256=file.sha256)


def _count(path: Path, erased: Tombstones) -> int:
    with path.open("rb") as lines:
        return sum(erased.line(line) != line for line in lines)


def _applied(path: Path, erased: Tombstones) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from erased.apply(lines)


def _is_whole(path: Path, file: Segment) -> bool:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


def _files(landing: Landing) -> Iterator[str]:
    for path in landing.root.glob("event_name=*/date=*/*"):
        yield str(path.relative_to(landing.root))


def _in_flight(landing: Landing, path: str, journals: set[str]) -> bool:
    """Whether a living writer may be about to name this file in an entry."""
    if match := _NAME.fullmatch(path.rpartition("/")[2]):
        return landing.journal(match["slot"], int(match["seq"])).name in journals
    return False


def _clean(path: Path, erased: Tombstones) -> None:
    """Rewrite a leftover in place: no entry names it, yet it may be the only copy of a line."""
    if path.exists() and _count(path, erased):
        durable.write(path, list(_applied(path, erased)))


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    durable.sync_directory(path.parent)
