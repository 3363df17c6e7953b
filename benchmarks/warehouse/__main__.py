"""`python -m benchmarks.warehouse [--history 100000 1000000] [--quick]`: tables for RESULTS.md.

Of each size of history: a full build in a new process, 1,000 more events in a process that has
run before, publishing, and every example query on the published file. `--quick` is one small
history: it shows that the benchmark works.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from benchmarks.campaign.ledger import commit
from benchmarks.pipeline.process import process
from benchmarks.warehouse.step import timed
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines
from warehouse.query import examples

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MORE = 1000
ASKED = 7  # times each


def measure(folder: Path, events: int, candidates: int | None) -> Path:
    """Print the steps of one history; the published file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    home, lines = folder / "home", folder / "lines.jsonl"
    company = make_company(candidates=candidates or events * 7 // 20 + 1000, seed=3, end=END)
    write_lines(company, lines, 3)
    rows = lines.read_bytes().splitlines(keepends=True)
    events = min(events, len(rows) - MORE)
    _land(home, lines, rows[:events])
    process("benchmarks.pipeline.ours", "raw", str(home))
    _row(events, "full build", _step("full", home))
    _land(home, lines, rows[events : events + MORE])
    _row(events, f"{MORE:,} more", _step("more", home))
    return Settings(home=home).published


def _land(home: Path, lines: Path, rows: Sequence[bytes]) -> None:
    lines.write_bytes(b"".join(rows))
    land(Settings(home=home), [lines])


def _step(what: str, home: Path) -> dict[str, dict[str, list[float]]]:
    printed = process("benchmarks.warehouse.step", what, str(home)).printed
    found: dict[str, dict[str, list[float]]] = json.loads(printed.splitlines()[-1])
    return found


def _row(events: int, what: str, found: dict[str, dict[str, list[float]]]) -> None:
    cells = [f"{wall:.2f} ({cpu:.2f})" for wall, cpu in found["steps"].values()]
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in found["parts"].items())
    print(f"| {events:,} | {what} | {' | '.join(cells)} | {parts} |", flush=True)


def ask(published: Path) -> None:
    """Print what each example took on a published file that was read before."""
    print("| example | median ms | max ms | CPU ms |\n|---|---|---|---|")
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for example in examples():
            connection.execute(example.sql).fetchall()
            took = [
                timed(lambda sql=example.sql: connection.execute(sql).fetchall())[:2]
                for _ in range(ASKED)
            ]
            wall, cpu = ([one[place] * 1000 for one in took] for place in (0, 1))
            print(
                f"| {example.name} | {statistics.median(wall):.0f} | {max(wall):.0f}"
                f" | {statistics.median(cpu):.0f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.warehouse", description=__doc__)
    parser.add_argument("--history", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--candidates", type=int, help="of the company; default: 0.35 an event")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hiring-bench-warehouse"))  # noqa: S108
    given = parser.parse_args()
    print(f"## warehouse: commit {commit()}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    print(f"`{' '.join(['python -m benchmarks.warehouse', *sys.argv[1:]])}`; Python", end=" ")
    print(f"{platform.python_version()}, duckdb {version('duckdb')}, dbt {version('dbt-core')}.\n")
    print("Seconds, CPU seconds in brackets.\n")
    print("| events of history | step | build | publish | parts of the build |")
    print("|---|---|---|---|---|")
    for events in [5000] if given.quick else given.history:
        published = measure(given.folder, events, given.candidates)
    print(f"\nExamples on the last file ({published.stat().st_size / 1e6:.0f} MB):\n")
    ask(published)


if __name__ == "__main__":
    main()
