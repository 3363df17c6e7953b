"""1,000 new events on top of more and more history: does a run cost what is new?"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.pipeline.process import process, table
from contract import envelope
from contract.landing import Landing
from contract.settings import Settings
from receiver import frames, seal
from receiver.journal import Journal
from receiver.land import land
from receiver.slot import Slot
from receiver.stamp import Clock

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
NEW = 1000
_PART = 300_000  # events landed at a time
_SIMULATED = 1_000_000  # what more is asked for are these again, of other companies
_UUID = re.compile(rb"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def growth(folder: Path, sizes: Sequence[int]) -> None:
    """A row a size: history loaded, 1,000 more in a cold process, 1,000 more in a warm worker."""
    rows = []
    for size in sizes:
        home = folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        new = _history(folder, home, size)
        first = _ran("sync", home)
        deliver(home, new[:NEW])
        cold = _ran("sync", home)
        deliver(home, new[NEW:])
        warm = _ran("worker", home)
        rows.append([f"{size:,}", _cell(first), *_cells(cold), *_cells(warm)])
        print(
            f"{size:,} first: {first}\n{size:,} cold: {cold}\n{size:,} warm: {warm}\n", flush=True
        )
    parts = ("s", "CPU s", "peak MB", "MB written", "files listed")
    head = [f"{kind}: {part}" for kind in ("1,000 more, cold", "in the worker") for part in parts]
    table(["events of history", "loaded at first: s, peak MB", *head], rows)


def _ran(what: str, home: Path) -> dict[str, Any]:
    took = process("benchmarks.pipeline.ours", what, str(home))
    found: dict[str, Any] = json.loads(took.printed)
    whole = {"seconds": round(took.seconds, 2), "cpu": round(took.cpu, 2)}
    return found if what == "worker" else found | whole


def _cells(one: dict[str, Any]) -> list[str]:
    return [f"{one[name]:,}" for name in ("seconds", "cpu", "peak_mb", "written_mb", "listed")]


def _cell(one: dict[str, Any]) -> str:
    return f"{one['seconds']:,}, {one['peak_mb']:,}"


def _history(folder: Path, home: Path, size: int) -> list[bytes]:
    """Land `size` events of invented companies; the next 2,000 events of the last are returned."""
    left, seed, lines = min(size, _SIMULATED), 2, folder / "lines.jsonl"
    history = folder / "history.jsonl"
    with history.open("wb") as kept:
        while left:
            seed += 1
            part = events(folder, min(left, _PART) + 2 * NEW, seed)
            with lines.open("wb") as file:
                file.writelines(islice(part, min(left, _PART)))
            kept.write(lines.read_bytes())
            land(Settings(home=home), [lines])
            left -= min(left, _PART)
    for number in range(1, -(-size // _SIMULATED)):
        with history.open("rb") as known, lines.open("wb") as file:
            more = islice(known, size - number * _SIMULATED)
            file.writelines(of_others(line, number) for line in more)
        land(Settings(home=home), [lines])
    return [line.rstrip(b"\n") for line in part]


def of_others(line: bytes, number: int) -> bytes:
    """The delivery as another company would have it: other ids, and other people."""
    digits = b"0123456789abcdef"
    other = bytes.maketrans(digits, bytes(digits[place ^ number] for place in range(16)))
    renamed = _UUID.sub(lambda found: found[0].translate(other), line)
    return renamed.replace(b"@mail.example", b"@%d.mail.example" % number)


def events(folder: Path, count: int, seed: int) -> Iterator[bytes]:
    """The last `count` deliveries of a company that has about as many."""
    from simulator.company import make_company
    from simulator.lines import write_lines

    path = folder / "company.jsonl"
    written = write_lines(make_company(candidates=count // 2 + 200, seed=seed, end=END), path, seed)
    with path.open("rb") as file:
        yield from islice(file, max(written.attempts - count, 0), None)


def deliver(home: Path, bodies: Sequence[bytes]) -> None:
    """Seal bodies as the receiver's first worker would."""
    slot, clock = Slot(Landing(home), "w0"), Clock()
    lines = [
        envelope.line(
            body,
            envelope.understand(body),
            event_id=str(uuid.uuid4()),
            landed_at=clock.now(),
        )
        for body in bodies
    ]
    journal = Journal(slot)
    journal.write(b"".join(map(frames.frame, lines)))
    journal.rotate()
    seal.seal_all(slot, lambda _: None)
    slot.release()
