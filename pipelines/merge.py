"""Closed days are merged: one segment per partition, so that a year is hundreds of files.

The entries of a slot whose lines all landed on one past day become one entry, written under the
seq of the last of them. Replacing that manifest entry is the commit; how far the slot is merged
is noted, then what the entry covers is removed, and whoever reads the manifest passes over
covered entries until then. Only loaded entries are merged, so the watermark stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import groupby

from contract.landing import Entry, Landing
from contract.segment import PACKED, PLAIN, Segment, Unpackable, revision
from pipelines.segments import BATCH_BYTES, is_whole

SMALLEST = 32 << 10  # bytes of lines
_PARTITION = re.compile(r"event_name=([^/]+)/date=([^/]+)/")


def merge_closed_days(landing: Landing, loaded: Mapping[str, int], today: date) -> int:
    """Merge what is loaded (slot -> last seq) and of days before `today` (UTC).

    Returns the number of entries that were merged into others. Work is proportional to what
    closed since the last call: how far a slot is merged stands beside its manifest.
    """
    return sum(_merge_slot(landing, slot, mark, today) for slot, mark in loaded.items())


def _merge_slot(landing: Landing, slot: str, loaded: int, today: date) -> int:
    merged, noted = 0, landing.merged_up_to(slot)
    if noted:
        finish(landing, landing.entry(slot, noted))  # a former run may have been killed
    for entries in _closed_days(landing, slot, noted, loaded, today):
        if len(entries) > 1:
            _remove_covered(landing, merge(landing, entries))
            merged += len(entries) - 1
        else:
            landing.note_merged(slot, entries[0].seq)
            finish(landing, entries[0])  # merged by a run that was killed right after
    return merged


def _closed_days(
    landing: Landing, slot: str, done: int, loaded: int, today: date
) -> Iterator[list[Entry]]:
    """Runs of entries to merge: whole, of one past day, of bounded size, in order."""
    closed = []
    for entry in landing.slot_entries(slot, done):
        if entry.seq > loaded or last_day(entry) >= today.isoformat():
            break
        closed.append(entry)
    for (_, is_sound), group in groupby(closed, lambda e: (last_day(e), is_whole(landing, e))):
        day = list(group)
        yield from _bounded(day) if is_sound else ([entry] for entry in day)


def _bounded(entries: list[Entry]) -> Iterator[list[Entry]]:
    run: list[Entry] = []
    size = 0
    for entry in entries:
        if run and size + entry.line_bytes > BATCH_BYTES:
            yield run
            run, size = [], 0
        run.append(entry)
        size += entry.line_bytes
    yield run


def last_day(entry: Entry) -> str:
    """The last day on which a line of the entry landed; empty when it has no line."""
    return max((_partition(file)[1] for file in entry.files), default="")


def _partition(file: Segment) -> tuple[str, str]:
    match = _PARTITION.match(file.path)
    if match is None:
        raise ValueError(f"no partition in the path {file.path}")
    return match[1], match[2]


def merge(landing: Landing, entries: list[Entry]) -> Entry:
    """Write the merged segments and commit the entry that names them."""
    merged = rewritten(landing, entries)
    landing.commit(merged)
    landing.note_merged(merged.slot, merged.seq)
    return merged


def rewritten(landing: Landing, entries: list[Entry], *, pack: bool = False) -> Entry:
    """An entry for all of these, its segments written and not committed.

    pack: as Parquet, where a segment is large enough and its lines come back.
    """
    last = entries[-1]
    parts: dict[tuple[str, str], list[Segment]] = {}
    for entry in entries:
        for file in entry.files:
            parts.setdefault(_partition(file), []).append(file)
    # Above every revision there is: no file that an entry names is ever written over.
    revisions = [revision(file.path) for entry in entries for file in entry.files]
    next_ = 1 + max(revisions, default=0)
    files = []
    for (event_name, day), parted in sorted(parts.items()):
        is_packed = any(f.is_packed for f in parted) or (pack and is_worth_packing(parted))
        for suffix in (PACKED, PLAIN) if is_packed else (PLAIN,):
            path = landing.segment(event_name, day, last.slot, last.seq, next_, suffix)
            with suppress(Unpackable):  # of JSON lines it is none
                files.append(landing.write_segment(path, _lines(landing, parted)))
                break
    return Entry(last.slot, last.seq, tuple(files), first_seq=entries[0].first)


def is_worth_packing(files: Iterable[Segment]) -> bool:
    """Whether as one Parquet file they would be much smaller, and no slower to read."""
    return sum(file.line_bytes or file.bytes for file in files) >= SMALLEST


def _lines(landing: Landing, files: Iterable[Segment]) -> Iterator[bytes]:
    for file in files:
        yield from landing.lines(file.path)


def finish(landing: Landing, merged: Entry) -> None:
    """Remove what a merged entry covers, where a run was killed. Repeating it is harmless.

    The first entry goes last: while it stands, there is work left.
    """
    if merged.first != merged.seq and landing.manifest(merged.slot, merged.first).exists():
        _remove_covered(landing, merged)


def _remove_covered(landing: Landing, merged: Entry) -> None:
    remove_older(landing, merged)
    for seq in reversed(range(merged.first, merged.seq)):
        manifest = landing.manifest(merged.slot, seq)
        if manifest.exists():
            for file in landing.entry(merged.slot, seq).files:
                _unlink(landing, file.path, merged)
            manifest.unlink()


def remove_older(landing: Landing, entry: Entry) -> None:
    """Remove what the segments of an entry were rewritten from. Repeating it is harmless."""
    for file in entry.files:
        for older in range(revision(file.path) + 1):
            for suffix in (PLAIN, PACKED):
                part = _partition(file)
                path = landing.segment(*part, entry.slot, entry.seq, older, suffix)
                _unlink(landing, path, entry)


def _unlink(landing: Landing, path: str, merged: Entry) -> None:
    if path not in {file.path for file in merged.files}:
        (landing.root / path).unlink(missing_ok=True)
