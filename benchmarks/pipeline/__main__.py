"""`python -m benchmarks.pipeline [--candidates 40000] [--quick]`: a table for RESULTS.md.

Every contender is a whole process on the same events: wall seconds, peak resident memory, and
the ratio to the hand-written SQL of the same run. `--quick` leaves plain dlt out.
`growth` loads 1,000 new events on top of more and more history.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign.ledger import commit
from benchmarks.pipeline.peers import PEERS
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SQL = "hand-written SQL"


@dataclass(frozen=True)
class Took:
    seconds: float
    megabytes: float
    printed: str = ""


def process(arguments: Sequence[str]) -> Took:
    """Run a module of ours as a process of its own and wait for it."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        printed = running.stdout.read().strip()
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed")
    return Took(time.perf_counter() - start, _megabytes(usage), printed)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def beside_peers(folder: Path, candidates: int, *, quick: bool) -> None:
    lines, home = folder / "lines.jsonl", folder / "home"
    written = write_lines(make_company(candidates=candidates, seed=1, end=END), lines, 1)
    events = sum(written.landed.values())
    landed = _land(home, lines)
    print(f"{events:,} events of {lines.stat().st_size / events:,.0f} bytes")
    print(f"\nhiring land: {events / landed.seconds:,.0f} events/s ({landed.seconds:.1f} s)\n")
    took = {"ours: raw": process(("benchmarks.pipeline.ours", "raw", str(home)))}
    shutil.rmtree(home / "state")
    (home / "warehouse.duckdb").unlink()
    took["ours: raw, built, published"] = process(("benchmarks.pipeline.ours", "sync", str(home)))
    for name in PEERS:
        if quick and "dlt" in name:
            continue
        out = folder / "peer" / "out.duckdb"
        shutil.rmtree(out.parent, ignore_errors=True)
        out.parent.mkdir()
        took[name] = process(("benchmarks.pipeline.peers", name, str(lines), str(out)))
    _table(took, events)


def _land(home: Path, lines: Path) -> Took:
    start = time.perf_counter()
    land(Settings(home=home), [lines])
    return Took(time.perf_counter() - start, 0)


def _table(took: dict[str, Took], events: int) -> None:
    print("| way | seconds | events/s | peak MB | times the hand-written SQL |")
    print("|---|---|---|---|---|")
    limit = took[SQL].seconds
    for name, one in took.items():
        print(
            f"| {name} | {one.seconds:.1f} | {events / one.seconds:,.0f} | {one.megabytes:,.0f}"
            f" | {one.seconds / limit:.2f} |"
        )
    print(f"\nsteps of ours: {took['ours: raw, built, published'].printed}")


def growth(folder: Path, sizes: Sequence[int]) -> None:
    """1,000 new events on more and more history; a whole cold process each."""
    print("| events of history | seconds for 1,000 more | steps | peak MB |")
    print("|---|---|---|---|")
    for size in sizes:
        home, lines = folder / "home", folder / "lines.jsonl"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_lines(make_company(candidates=max(size // 3 + 400, 800), seed=2, end=END), lines, 2)
        rows = lines.read_bytes().splitlines(keepends=True)[: size + 1000]
        for part in (rows[:size], rows[size:]):
            lines.write_bytes(b"".join(part))
            land(Settings(home=home), [lines])
            took = process(("benchmarks.pipeline.ours", "sync", str(home)))
        print(f"| {size:,} | {took.seconds:.1f} | {took.printed} | {took.megabytes:,.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pipeline", description=__doc__)
    parser.add_argument("what", choices=("peers", "growth"))
    parser.add_argument("--candidates", type=int, default=40_000)
    parser.add_argument("--history", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hiring-bench"))  # noqa: S108
    given = parser.parse_args()
    print(f"## {given.what}: commit {commit()}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    print(f"`{' '.join(['python -m benchmarks.pipeline', *sys.argv[1:]])}`\n")
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    if given.what == "peers":
        beside_peers(given.folder, given.candidates, quick=given.quick)
    else:
        growth(given.folder, given.history)


if __name__ == "__main__":
    main()
