"""`python -m benchmarks.compaction --candidates 40000`: tables for RESULTS.md.

An invented year is landed, merged, and compacted in a copy. Then both homes are loaded by turns,
each time in a process of its own: the shredding step alone, and `hiring sync --full-refresh` as a
whole. Fails when a published table differs. `--trade` shows what levels and sorting would gain.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.campaign.ledger import commit
from benchmarks.pipeline.growth import END
from benchmarks.pipeline.process import process, table
from contract import envelope, packed, segment
from contract.landing import Entry, Landing
from contract.settings import Settings
from pipelines.compact import Compacted, compact_old_days
from pipelines.merge import merge_closed_days
from pipelines.person import PersonKeys
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
A_DAY = 300  # lines of a segment, where one event comes a minute


def make(folder: Path, candidates: int) -> tuple[Path, Path, int]:
    """A home with JSON, its copy to be compacted, and the number of events."""
    plain, lines = folder / "json", folder / "lines.jsonl"
    write_lines(make_company(candidates=candidates, seed=1, end=END), lines, 1)
    events = land(Settings(home=plain), [lines]).landed
    landing = Landing(plain)
    last = {slot: landing.sequences(slot)[-1] for slot in landing.slots()}
    merge_closed_days(landing, last, TOMORROW)
    PersonKeys.in_directory(plain / "secrets")  # the same in both
    shutil.copytree(plain, folder / "parquet")
    return plain, folder / "parquet", events


def compacted(home: Path, events: int) -> Compacted:
    start, cpu = time.perf_counter(), time.process_time()
    done = compact_old_days(Landing(home), TOMORROW)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"{events:,} events in {done.segments} segments: {done.line_bytes / 1e6:,.1f} MB of JSON,"
        f" {done.bytes / 1e6:,.1f} MB of Parquet, {done.line_bytes / done.bytes:.2f} times smaller;"
        f" compacted and compared in {seconds:.1f} s ({cpu:.1f} s CPU)"
    )
    return done


def small_days(home: Path, folder: Path) -> None:
    """The same lines in segments as small as those of a company with an event a minute."""
    given = [ln for entry in Landing(home).entries({}) for ln in _candidates(Landing(home), entry)]
    before = after = 0
    for number in range(0, len(given) - A_DAY, A_DAY * 40):
        part = given[number : number + A_DAY]
        before += sum(map(len, part))
        after += segment.write(folder, f"{number}.parquet", part).bytes
    print(f"in segments of {A_DAY} lines: {before / after:.2f} times smaller\n")


def _candidates(landing: Landing, entry: Entry) -> Iterator[bytes]:
    for file in entry.files:
        if "Candidate" in file.path:
            yield from landing.lines(file.path)


def beside(homes: dict[str, Path], events: int, times: int) -> None:
    """Both by turns, so that what else the machine does falls on both."""
    steps: list[tuple[str, Callable[[Path], tuple[float, float, float]], int]] = [
        ("shredding", _shredding, times),
        ("full refresh", _refresh, (times + 1) // 2),
    ]
    rows = []
    for step, run, turns in steps:
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in homes}
        for _ in range(turns):
            for name, path in homes.items():
                found[name].append(run(path))
                print(step, name, *(f"{value:.2f}" for value in found[name][-1]), file=sys.stderr)
        for name, took in found.items():
            seconds, cpu, peak = (median(column) for column in zip(*took, strict=True))
            rate = f"{events / seconds:,.0f}"
            rows.append([step, name, f"{seconds:.2f}", f"{cpu:.2f}", rate, f"{peak:,.0f}"])
    table(("step", "from", "seconds", "CPU", "events/s", "peak MB"), rows)
    print(f"\nMedians of {times} shreddings and {(times + 1) // 2} refreshes, by turns.")


def _shredding(home: Path) -> tuple[float, float, float]:
    took = process("benchmarks.compaction.shredding", str(home))
    printed = json.loads(took.printed)
    return printed["seconds"], printed["cpu"], took.megabytes


def _refresh(home: Path) -> tuple[float, float, float]:
    took = process("benchmarks.pipeline.ours", "refresh", str(home))
    return took.seconds, took.cpu, took.megabytes


def published(home: Path) -> dict[str, str]:
    """SHA-256 of every published table, sorted; the name of the load left out."""
    found = {}
    with duckdb.connect(str(home / "hiring.duckdb"), read_only=True) as connection:
        for (name,) in connection.sql("select table_name from duckdb_tables()").fetchall():
            what = "* exclude (last_load_id)" if name == "freshness" else "*"
            rows = connection.sql(f"select {what} from {name} order by all").fetchall()
            found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def trade(home: Path, folder: Path) -> None:
    """What zstd's level and another order would gain, on the largest segment."""
    landing = Landing(home)
    files = [file for entry in landing.entries({}) for file in entry.files]
    given = list(landing.lines(max(files, key=lambda file: file.bytes).path))
    orders = {"landed": given, "by resource": sorted(given, key=_resource)}
    rows = []
    for level, order in [(1, "landed"), (3, "landed"), (6, "landed"), (9, "landed"),
                         (9, "by resource"), (12, "landed"), (15, "landed")]:  # fmt: skip
        packed.LEVEL = level
        cpu = time.process_time()
        written = b"".join(packed.chunks(orders[order]))
        cpu = time.process_time() - cpu
        ratio = sum(map(len, given)) / len(written)
        rows.append([str(level), order, f"{ratio:.2f}", f"{cpu:.1f}"])
    table(("zstd level", "order", "times smaller", "CPU seconds"), rows)
    shutil.rmtree(folder, ignore_errors=True)


def _resource(line: bytes) -> tuple[str, str]:
    head = envelope.head(line)
    return str(head["resource_uuid"]), head["landed_at"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.compaction", description=__doc__)
    parser.add_argument("--candidates", type=int, default=40_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--trade", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hiring-compaction"))  # noqa: S108
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    print(f"commit {commit()}, {now}, load {os.getloadavg()[0]:.1f}\n")
    plain, parquet, events = make(given.folder, given.candidates)
    if given.trade:
        trade(plain, given.folder)
        return
    compacted(parquet, events)
    small_days(plain, given.folder / "small")
    beside({"JSON": plain, "Parquet": parquet}, events, given.times)
    first, second = published(plain), published(parquet)
    assert first == second, sorted(n for n in first if first[n] != second.get(n))
    print(
        f"\n{len(first)} published tables are the same; load {os.getloadavg()[0]:.1f} at the end."
    )
    shutil.rmtree(given.folder)


if __name__ == "__main__":
    main()
