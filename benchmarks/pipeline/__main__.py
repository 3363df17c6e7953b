"""`python -m benchmarks.pipeline peers|growth|small-company`: tables for RESULTS.md.

peers: every contender is a whole process on the same events: wall and CPU seconds, peak resident
memory, and the ratio to the hand-written SQL of the same run; `--quick` leaves dlt's out (plain
dlt takes minutes). growth: 1,000 new events on top of more and more history. small-company: one
event a minute, unmerged and merged.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign.ledger import commit
from benchmarks.pipeline.growth import END, growth
from benchmarks.pipeline.peers import PEERS
from benchmarks.pipeline.process import Took, process, table
from benchmarks.pipeline.small_company import small_company
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines

SQL = "hand-written SQL"


def beside_peers(folder: Path, candidates: int, *, quick: bool) -> None:
    lines, home = folder / "lines.jsonl", folder / "home"
    written = write_lines(make_company(candidates=candidates, seed=1, end=END), lines, 1)
    events = sum(written.landed.values())
    landed = _land(home, lines)
    print(f"{events:,} events of {lines.stat().st_size / events:,.0f} bytes")
    print(f"\nhiring land: {events / landed:,.0f} events/s ({landed:.1f} s)\n")
    took = {"ours: raw": process("benchmarks.pipeline.ours", "raw", str(home))}
    shutil.rmtree(home / "state")
    (home / "warehouse.duckdb").unlink()
    took["ours: raw, built, published"] = process("benchmarks.pipeline.ours", "sync", str(home))
    for name in PEERS:
        if quick and "dlt" in name:
            continue
        out = folder / "peer" / "out.duckdb"
        shutil.rmtree(out.parent, ignore_errors=True)
        out.parent.mkdir()
        took[name] = process("benchmarks.pipeline.peers", name, str(lines), str(out))
    _table(took, events)


def _land(home: Path, lines: Path) -> float:
    start = time.perf_counter()
    land(Settings(home=home), [lines])
    return time.perf_counter() - start


def _table(took: dict[str, Took], events: int) -> None:
    limit = took[SQL].seconds
    table(
        ("way", "seconds", "CPU", "events/s", "peak MB", "times the hand-written SQL"),
        [
            [
                name,
                f"{one.seconds:.1f}",
                f"{one.cpu:.1f}",
                f"{events / one.seconds:,.0f}",
                f"{one.megabytes:,.0f}",
                f"{one.seconds / limit:.2f}",
            ]
            for name, one in took.items()
        ],
    )
    print(f"\nours: raw: {took['ours: raw'].printed}")
    print(f"ours, built and published: {took['ours: raw, built, published'].printed}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pipeline", description=__doc__)
    parser.add_argument("what", choices=("peers", "growth", "small-company"))
    parser.add_argument("--candidates", type=int, default=40_000)
    parser.add_argument("--history", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hiring-bench"))  # noqa: S108
    given = parser.parse_args()
    print(f"## {given.what}: commit {commit()}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    print(f"`{' '.join(['python -m benchmarks.pipeline', *sys.argv[1:]])}`\n")
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    if given.what == "peers":
        beside_peers(given.folder, given.candidates, quick=given.quick)
    elif given.what == "growth":
        growth(given.folder, given.history)
    else:
        small_company(given.folder, given.days)


if __name__ == "__main__":
    main()
