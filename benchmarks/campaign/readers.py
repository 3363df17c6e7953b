"""Four processes that query hiring.duckdb in a loop, whatever the syncs beside them do.

Each read takes figures of several tables together with the id of the load that freshness names.
What every run published is noted by the run itself, so a read that mixes two runs is seen to
differ. One of the readers holds its connection until the next run has published: a run that
waited for readers would never end.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign.audit import Verdict
from benchmarks.campaign.reading import LOOPS, Read, read, whole
from contract.settings import Settings
from pipelines.child import RunFailed, in_child, warm
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
NEEDED = ("duckdb", "dlt", "dbt.cli.main", "pandas", "pipelines.shred", "warehouse.build")


@dataclass
class Audit:
    """Judges reads by what the runs published."""

    published: dict[str, Read] = field(default_factory=dict)  # by load id
    newest: dict[str, int] = field(default_factory=dict)  # as_of by reader

    def is_wrong(self, reader: str, figures: Read) -> bool:
        """Whether it is not what one run published, or older than what the reader saw before."""
        load, as_of, *_ = figures
        went_back = as_of < self.newest.get(reader, 0)
        self.newest[reader] = max(as_of, self.newest.get(reader, 0))
        return went_back or self.published.get(load) != figures


def readers(folder: Path, seeds: range, candidates: int = 3000) -> Iterator[Verdict]:
    """A verdict a sync. acked: reads meanwhile; lost: those that mix runs or go back in time;
    wrong: errors of readers, or of the run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    warm(NEEDED)
    settings, audit = Settings(home=folder / "home"), Audit()
    first, *parts = _parts(folder / "lines.jsonl", candidates, seeds)
    _land_and_sync(settings, folder, first, audit)
    with _reading(settings.published, folder) as logs:
        seen = dict.fromkeys(logs, 0)
        for part in parts:
            failed = _land_and_sync(settings, folder, part, audit)
            reads = [(log.stem, figures) for log in logs for figures in _new(log, seen)]
            errors = [one for one in reads if len(one[1]) == 1]
            wrong = [one for one in reads if len(one[1]) > 1 and audit.is_wrong(*one)]
            for found in (*errors, *wrong):
                print(f"  {found}")
            yield Verdict(len(reads), len(audit.published), len(wrong), failed + len(errors))


def _parts(lines: Path, candidates: int, seeds: range) -> list[bytes]:
    """A company's deliveries: half of them, then the rest in as many parts as there are seeds."""
    write_lines(make_company(candidates=candidates, seed=seeds.start, end=END), lines, seeds.start)
    rows = lines.read_bytes().splitlines(keepends=True)
    half = len(rows) // 2
    ends = [half + (len(rows) - half) * n // len(seeds) for n in range(len(seeds) + 1)]
    return [b"".join(rows[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def _land_and_sync(settings: Settings, folder: Path, part: bytes, audit: Audit) -> int:
    """1 when the run failed, else 0; what it published is known to the audit."""
    (folder / "part.jsonl").write_bytes(part)
    land(settings, [folder / "part.jsonl"])
    note = folder / "published.json"

    def run() -> None:
        from stages import run_sync

        run_sync(settings, lambda _: None)
        note.write_text(json.dumps(whole(settings.published)))

    try:
        in_child(run)()
    except RunFailed:
        return 1
    figures = json.loads(note.read_text())
    audit.published[figures[0]] = figures
    return 0


@contextmanager
def _reading(published: Path, folder: Path) -> Iterator[list[Path]]:
    """A process for each kind of reader; their logs."""
    context = multiprocessing.get_context("spawn")
    stop, logs = context.Event(), [folder / f"{kind}.log" for kind in LOOPS]
    running = [
        context.Process(target=read, args=(kind, published, log, stop))
        for kind, log in zip(LOOPS, logs, strict=True)
    ]
    for log, process in zip(logs, running, strict=True):
        log.touch()
        process.start()
    try:
        yield logs
    finally:
        stop.set()
        for process in running:
            process.join(30)
            process.kill()


def _new(log: Path, seen: dict[Path, int]) -> list[Read]:
    """What a reader noted since the last look; whole lines only."""
    with log.open("rb") as file:
        file.seek(seen[log])
        text = file.read()
    text = text[: text.rfind(b"\n") + 1]
    seen[log] += len(text)
    return [json.loads(line) for line in text.splitlines()]
