"""A year of a small company: one event a minute, so a segment an event; unmerged and merged."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.pipeline.growth import END, deliver, events
from benchmarks.pipeline.process import process, table
from contract import envelope
from contract.landing import Entry, Landing
from receiver.identity import derived

MINUTES = 24 * 60


def small_company(folder: Path, days: int) -> None:
    """Load it as it was sealed, then merged; and one event more on top of the merged days."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    bodies = [line.rstrip(b"\n") for line in events(folder, days * MINUTES + 1, 7)]
    _seal_each(Landing(home), bodies[:-1], END - timedelta(days=days + 1))
    rows = [_row("unmerged, first sync (merges at its end)", home, "sync")]
    rows.append(_row("merged, everything anew", home, "refresh"))
    deliver(home, bodies[-1:])
    rows.append(_row("one event more", home, "sync"))
    table(("run", "s", "steps", "peak MB", "files listed", "files before", "files after"), rows)


def _seal_each(landing: Landing, bodies: list[bytes], time: datetime) -> None:
    """An entry an event, a minute apart."""
    for seq, body in enumerate(bodies, start=1):
        event = envelope.understand(body)
        line = envelope.line(body, event, event_id=derived(str(seq)), landed_at=time)
        path = landing.segment(event.event_name, f"{time:%Y-%m-%d}", "w0", seq)
        landing.commit(Entry("w0", seq, (landing.write_segment(path, [line]),)))
        time += timedelta(minutes=1)


def _row(name: str, home: Path, what: str) -> list[str]:
    before = _files(home)
    took = process("benchmarks.pipeline.ours", what, str(home))
    found: dict[str, Any] = json.loads(took.printed)
    steps = " ".join(f"{step} {seconds:.2f}" for step, seconds in found["steps"].items())
    numbers = (found["peak_mb"], found["listed"], before, _files(home))
    return [name, f"{took.seconds:.1f}", steps, *(f"{number:,}" for number in numbers)]


def _files(home: Path) -> int:
    return sum(path.is_file() for path in (home / "landing").rglob("*"))
