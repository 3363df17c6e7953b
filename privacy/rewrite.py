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
from contract.landing import Entry, Landing
from contract.segment import PACKED, Segment, revision
from contract.tombstones import Tombstones

_NAME = re.compile(r"(?P<slot>.+)-(?P<seq>\d+)(?:\.r\d+)?\.(?:jsonl|parquet)(?:\.tmp)?")


@dataclass
class Rewritten:
    """lines: became stubs. segments, bytes: rewritten."""

    lines: int = 0
    segments: int = 0
    bytes: int = 0


def rewrite(landing: Landing, erased: Tombstones) -> Rewritten:
    """Rewrite every sealed segment that holds a line of the erased. The caller holds the lock.

    Entries that a merged one covers are rewritten, too, and leftovers of killed seals and merges.
    Raises OSError, contract.landing.DamagedManifest, contract.segment.DamagedSegment.
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
            _clean(landing, path, erased)
    return done


def screened(landing: Landing, entry: Entry, erased: Tombstones) -> Entry:
    """The entry without the erased: revisions of its files are written, and nothing is committed.

    For a batch that is not in the manifest yet.
    """
    return _revised(landing, entry, erased, Rewritten()) if erased else entry


def _rewrite_entry(landing: Landing, entry: Entry, erased: Tombstones, done: Rewritten) -> None:
    new = _revised(landing, entry, erased, done)
    if new != entry:
        landing.commit(new)
    for file in entry.files:
        if file not in new.files:
            _unlink(landing.root / file.path)


def _revised(landing: Landing, entry: Entry, erased: Tombstones, done: Rewritten) -> Entry:
    files = (_rewrite_file(landing, entry, file, erased, done) for file in entry.files)
    return replace(entry, files=tuple(files))


def _rewrite_file(
    landing: Landing, entry: Entry, file: Segment, erased: Tombstones, done: Rewritten
) -> Segment:
    """The segment as it is, or its new revision."""
    path = landing.root / file.path
    lines = _count(landing, file.path, erased) if path.exists() else 0
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
            path.suffix,
        ),
        erased.apply(landing.lines(file.path)),
    )
    done.lines += lines
    done.segments += 1
    done.bytes += new.bytes
    # A damaged segment is set aside by its checksum, and stays so.
    return new if _is_whole(path, file) else replace(new, sha256=file.sha256)


def _count(landing: Landing, path: str, erased: Tombstones) -> int:
    return sum(erased.line(line) != line for line in landing.lines(path))


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


def _clean(landing: Landing, path: str, erased: Tombstones) -> None:
    """Rewrite a leftover in place: no entry names it, yet it may be the only copy of a line.

    Half a Parquet file can't be read, and is of lines that an entry names.
    """
    if path.endswith(PACKED + durable.TEMPORARY):
        _unlink(landing.root / path)
    elif (landing.root / path).exists() and _count(landing, path, erased):
        landing.write_segment(path, erased.apply(landing.lines(path)))


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    durable.sync_directory(path.parent)
