"""Compaction: segments of days long past become Parquet, a tenth of the size, quicker to load.

They are still the truth: the lines come back byte for byte, and they were read again and compared
before the manifest names the new file (contract/segment.py). Replacing the entry is the commit;
the JSON goes last, and where a run was killed the next one removes it. Only what is merged, so
loaded, is compacted: its entries are never written into others again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contract.landing import Entry, Landing
from pipelines.merge import is_worth_packing, last_day, remove_older, rewritten
from pipelines.segments import is_whole

RUN_BYTES = 1 << 30  # of lines that a run compacts: half a minute; the next run goes on


@dataclass
class Compacted:
    """segments: that became Parquet; line_bytes and bytes: theirs before and after.

    left: segments that stay as they are, since their lines would not come back.
    """

    segments: int = 0
    line_bytes: int = 0
    bytes: int = 0
    left: int = 0

    def notes(self) -> Iterator[str]:
        """For a person."""
        if self.segments:
            sizes = f"{self.line_bytes / 1e6:,.1f} MB became {self.bytes / 1e6:,.1f} MB"
            yield f"{self.segments:,} segments of the landing zone were compacted: {sizes}"
        if self.left:
            yield f"{self.left:,} segments stay JSON: Parquet would not give their lines back"


def compact_old_days(landing: Landing, before: date) -> Compacted:
    """Compact merged entries whose lines all landed before a day (UTC).

    The names of the manifest are listed once a day, the rest is proportional to what became old.
    """
    done = Compacted()
    for slot in landing.slots():
        _compact_slot(landing, slot, before.isoformat(), done)
    return done


def _compact_slot(landing: Landing, slot: str, before: str, done: Compacted) -> None:
    seq, day = landing.compacted_up_to(slot)
    if day >= before:
        return
    for entry in _old(landing, slot, seq, before):
        if done.line_bytes >= RUN_BYTES:
            before = day
            break
        _compact(landing, entry, done)
        seq = entry.seq
    landing.note_compacted(slot, seq, before)


def _old(landing: Landing, slot: str, after: int, before: str) -> Iterator[Entry]:
    for seq in landing.sequences(slot):
        if after < seq <= landing.merged_up_to(slot):
            entry = landing.entry(slot, seq)
            if last_day(entry) >= before:
                return
            yield entry


def _compact(landing: Landing, entry: Entry, done: Compacted) -> None:
    due = [file for file in entry.files if not file.is_packed and is_worth_packing([file])]
    if due and is_whole(landing, entry):
        new = rewritten(landing, [entry], pack=True)
        landing.commit(new)
        packed = [file for file in new.files if file.is_packed]
        done.segments += len(packed)
        done.line_bytes += sum(file.line_bytes or 0 for file in packed)
        done.bytes += sum(file.bytes for file in packed)
        done.left += sum(is_worth_packing([f]) for f in new.files if not f.is_packed)
        entry = new
    remove_older(landing, entry)
