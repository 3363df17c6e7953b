"""From landed to published, event by event, as a reader of the published file sees it.

Which batches a run loaded is in its note (state/last_run.json, `watermark`), when a reader first
saw that run's figures is in the readers' files, and when an event landed is in its line.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from contract.landing import DamagedManifest, Entry, Landing

EVERY = 0.1
_LANDED_AT = re.compile(rb'"landed_at":"([^"]+)"')
_HEAD = 200  # bytes of a line within which landed_at stands


@dataclass(frozen=True)
class Batch:
    """A sealed batch and when its events landed (epoch)."""

    slot: str
    seq: int
    landed: tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """A run as it noted itself. as_of: microseconds since 1970. finished_at: epoch."""

    as_of: int
    watermark: Mapping[str, int]
    finished_at: float
    seconds: Mapping[str, float]


class Follower(threading.Thread):
    """Notes batches and runs while the system works."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._landing, self._note = Landing(home), home / "state" / "last_run.json"
        self._ended = threading.Event()
        self._known: dict[str, int] = {}
        self._noted_at = 0
        self.batches: list[Batch] = []
        self.runs: list[Run] = []

    def run(self) -> None:
        while not self._ended.wait(EVERY):
            self.look()

    def stop(self) -> None:
        self._ended.set()
        self.join()
        self.look()

    def look(self) -> None:
        try:
            for entry in self._landing.entries(dict(self._known)):
                self.batches.append(Batch(entry.slot, entry.seq, self._landed(entry)))
                self._known[entry.slot] = entry.seq
        except (FileNotFoundError, DamagedManifest):  # being rewritten: at the next look
            return
        self._look_at_run()

    def _landed(self, entry: Entry) -> tuple[float, ...]:
        heads = (line[:_HEAD] for file in entry.files for line in self._landing.lines(file.path))
        found = (match[1].decode() for head in heads if (match := _LANDED_AT.search(head)))
        return tuple(datetime.fromisoformat(text).timestamp() for text in found)

    def _look_at_run(self) -> None:
        if not self._note.exists() or self._note.stat().st_mtime_ns == self._noted_at:
            return
        self._noted_at = self._note.stat().st_mtime_ns
        noted = json.loads(self._note.read_bytes())
        if noted["as_of"]:
            as_of = round(datetime.fromisoformat(noted["as_of"]).timestamp() * 1e6)
            finished = self._noted_at / 1e9
            self.runs.append(Run(as_of, noted["watermark"], finished, noted["seconds"]))


def published(readers: Iterable[Sequence[Mapping[str, Any]]]) -> dict[int, float]:
    """as_of -> when a reader first saw it."""
    first: dict[int, float] = {}
    for lines in readers:
        for line in lines:
            if line.get("as_of"):
                first[line["as_of"]] = min(line["at"], first.get(line["as_of"], line["at"]))
    return first


def lags(
    batches: Iterable[Batch], runs: Sequence[Run], first_seen: Mapping[int, float]
) -> tuple[list[float], list[float], int]:
    """Seconds from landed to seen by a reader, to noted in last_run.json; and events without.

    Each sorted.
    """
    seen, noted, without = [], [], 0
    for batch in batches:
        run = next((r for r in runs if r.watermark.get(batch.slot, 0) >= batch.seq), None)
        at = None if run is None else _seen(run, runs, first_seen)
        if run is None or at is None:
            without += len(batch.landed)
            continue
        seen += [at - landed for landed in batch.landed]
        noted += [run.finished_at - landed for landed in batch.landed]
    return sorted(seen), sorted(noted), without


def _seen(run: Run, runs: Sequence[Run], first_seen: Mapping[int, float]) -> float | None:
    """When a reader saw a run, or one after it: a version may live for less than a nap."""
    later = (one for one in runs if one.finished_at >= run.finished_at)
    return next((first_seen[one.as_of] for one in later if one.as_of in first_seen), None)


def quantile(values: Sequence[float], share: float) -> float:
    """Of sorted values; NaN when there is none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")
