"""The landing zone's layout: path <-> meaning, and reading. It is the truth.

    journal/<slot>.lock                                     held by the writer, never unlinked
    journal/<slot>-<seq>.journal                            the open batch of a slot, then zeros
    journal/<slot>.spare                                    zeros: a later journal
    landing/event_name=…/date=YYYY-MM-DD/<slot>-<seq>.jsonl a sealed segment (date of landing, UTC)
                                    … <slot>-<seq>.r<N>.parquet its lines, compacted
    landing/_manifest/<slot>/<seq>.json                     the commit point of a batch
    landing/_format                                         see formats.py

A batch (slot, seq) is sealed when its manifest entry stands. Files that no entry names are
leftovers of a crash. A rewritten segment carries a revision: `<slot>-<seq>.r<N>.jsonl`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from contract import durable, formats, segment
from contract.events import EVENT_NAMES
from contract.segment import PLAIN, Segment

UNKNOWN_EVENT = "_unknown"
IMPORT_SLOT = "land"  # of `hiring land`; with several hosts `land-<host>`
SLOT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ENTRY = re.compile(r"(\d+)\.json")


class DamagedManifest(ValueError):
    """A manifest entry cannot be read; `path` says which."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"manifest entry {path} cannot be read; restore it from a backup")
        self.path = path


@dataclass(frozen=True)
class Entry:
    """A manifest entry: batch `seq` of a slot, or the merged batches first_seq..seq."""

    slot: str
    seq: int
    files: tuple[Segment, ...]
    first_seq: int | None = None

    @property
    def first(self) -> int:
        return self.seq if self.first_seq is None else self.first_seq

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def line_bytes(self) -> int:
        """Bytes of the lines: what reading them takes, whatever the files take."""
        return sum(file.line_bytes or file.bytes for file in self.files)

    @property
    def format(self) -> int:
        """Of a landing zone that holds this entry."""
        return formats.PARQUET if any(file.is_packed for file in self.files) else formats.FIRST

    def as_dict(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return asdict(self) | {"files": [file.as_dict() for file in self.files]}

    @property
    def sha256(self) -> str:
        """One checksum for the entry: over those of its files, in path order."""
        files = sorted(self.files, key=lambda file: file.path)
        return hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()


@dataclass(frozen=True)
class Landing:
    """The landing zone under HIRING_HOME."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "landing"

    @property
    def journals(self) -> Path:
        return self.home / "journal"

    def lock(self, slot: str) -> Path:
        return self.journals / f"{slot}.lock"

    def journal(self, slot: str, seq: int) -> Path:
        return self.journals / f"{slot}-{seq:09d}.journal"

    def spare(self, slot: str) -> Path:
        return self.journals / f"{slot}.spare"

    def open_journals(self, slot: str) -> list[tuple[int, Path]]:
        """(seq, path) of a slot's journals, oldest first: one, or more after a crash."""
        pattern = re.compile(re.escape(slot) + r"-(\d+)\.journal")
        found = [(m, p) for p in self._names(self.journals) if (m := pattern.fullmatch(p.name))]
        return sorted((int(match[1]), path) for match, path in found)

    def segment(
        self,
        event_name: str,
        date: str,
        slot: str,
        seq: int,
        revision: int = 0,
        suffix: str = PLAIN,
    ) -> str:
        """Path of a segment relative to `root`. `date` is YYYY-MM-DD, UTC."""
        name = f"{slot}-{seq:09d}" + (f".r{revision}" if revision else "") + suffix
        return f"event_name={partition(event_name)}/date={date}/{name}"

    def manifest(self, slot: str, seq: int) -> Path:
        return self.root / "_manifest" / slot / f"{seq:09d}.json"

    def slots(self) -> list[str]:
        """Slots that ever sealed a batch."""
        return sorted(path.name for path in self._names(self.root / "_manifest"))

    def entries(self, after: Mapping[str, int]) -> Iterator[Entry]:
        """The manifest entries beyond a watermark (slot -> last seq), per slot in order of seq.

        With a watermark, work is proportional to what is new: the next names are tried, history
        is not listed. A slot is listed once when it is not in the watermark, or when what comes
        after its watermark was merged (a warehouse from a backup).
        Raises DamagedManifest.
        """
        for slot in self.slots():
            yield from self.slot_entries(slot, after.get(slot, 0))

    def slot_entries(self, slot: str, after: int) -> Iterator[Entry]:
        """The entries of one slot beyond seq `after`, in order."""
        if after == 0 or after < self.merged_up_to(slot):
            yield from (entry for entry in self.all_entries(slot) if entry.seq > after)
            return
        while self.manifest(slot, after := after + 1).exists():
            yield self.entry(slot, after)

    def merged_up_to(self, slot: str) -> int:
        """The seq up to which closed days are merged; 0 when nothing is."""
        try:
            return int(self._merged(slot).read_bytes())
        except (FileNotFoundError, ValueError):
            return 0

    def note_merged(self, slot: str, seq: int) -> None:
        """Note how far a slot is merged, after the fact: where it is lost, the slot is listed."""
        durable.write(self._merged(slot), [str(seq).encode()])

    def _merged(self, slot: str) -> Path:
        return self.root / "_manifest" / slot / "merged"

    def compacted_up_to(self, slot: str) -> tuple[int, str]:
        """(seq, day): up to which entries are compacted, and the day before which all are."""
        try:
            seq, day = self._compacted(slot).read_text().split()
            return int(seq), day
        except (FileNotFoundError, ValueError):
            return 0, ""

    def note_compacted(self, slot: str, seq: int, day: str) -> None:
        """Note how far a slot is compacted, after the fact: where it is lost, it is looked up."""
        durable.write(self._compacted(slot), [f"{seq} {day}".encode()])

    def _compacted(self, slot: str) -> Path:
        return self.root / "_manifest" / slot / "compacted"

    def all_entries(self, slot: str) -> list[Entry]:
        """Every entry of a slot in order; those that a merged one covers are left out."""
        found: list[Entry] = []
        for seq in reversed(self.sequences(slot)):
            if not found or seq < found[-1].first:
                found.append(self.entry(slot, seq))
        return found[::-1]

    def sequences(self, slot: str) -> list[int]:
        """All sealed batches of a slot: a listing of history."""
        names = self._names(self.root / "_manifest" / slot)
        return sorted(int(m[1]) for path in names if (m := _ENTRY.fullmatch(path.name)))

    def entry(self, slot: str, seq: int) -> Entry:
        path = self.manifest(slot, seq)
        try:
            read = orjson.loads(path.read_bytes())
            files = tuple(Segment(**file) for file in read.pop("files"))
            return Entry(files=files, **read)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise DamagedManifest(path) from error

    def commit(self, entry: Entry) -> None:
        """Write a manifest entry: from here on its batch is sealed."""
        formats.note_landing(self.root, entry.format)
        durable.write(self.manifest(entry.slot, entry.seq), [orjson.dumps(entry.as_dict())])

    def write_segment(
        self,
        path: str,
        lines: Iterable[bytes],
        rows: int | None = None,
        step: int = durable.STEP,
    ) -> Segment:
        """Write a segment durably and describe it. Not sealed before an entry names it.

        rows: how many lines there are, where they come several in a piece. step: bytes of a sync.
        """
        return segment.write(self.root, path, lines, rows, step)

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a segment, whatever its format. Raises segment.DamagedSegment, OSError."""
        return segment.lines(self.root / path)

    @staticmethod
    def _names(directory: Path) -> Iterator[Path]:
        return directory.iterdir() if directory.is_dir() else iter(())


def partition(event_name: str) -> str:
    """The partition of an event: its name when it is documented, else `_unknown`."""
    return event_name if event_name in EVENT_NAMES else UNKNOWN_EVENT
