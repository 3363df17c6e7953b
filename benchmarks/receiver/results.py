"""RESULTS.md: what was measured, and what that means for the targets."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

from benchmarks.campaign.ledger import commit
from benchmarks.receiver.disk import Disk
from benchmarks.receiver.load import Load
from receiver.metrics import SYNC_SECONDS

# Ours with one worker must reach so many times the rate of another, at 64 connections.
RATIOS = (
    (8.0, "one_file"),
    (8.0, "each_file"),
    (1.0, "nginx"),
    (0.4, "webdis"),
    (0.75, "unsynced"),
)
COUNTS = 64
_P99, _DISK_P99 = 15.0, 1.0
_COLUMNS = (
    "server", "connections", "rate", "p50", "p99", "events per fdatasync", "p99 of fdatasync",
    "CPU", "others", "failed",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`loads`: of each run. `syncs`: fdatasync calls of all runs, at most as long as each bound of
    the histogram; empty: not known.
    """

    name: str
    label: str
    connections: int
    loads: list[Load]
    syncs: list[int]

    @property
    def load(self) -> Load:
        """The median of each figure; failed and events are those of all runs."""
        columns = zip(*map(astuple, self.loads), strict=True)
        rate, p50, p99, cpu, _, others, _ = map(median, columns)
        failed = sum(load.failed for load in self.loads)
        events = sum(load.events for load in self.loads)
        return Load(rate, p50, p99, cpu, failed, others, events)

    @property
    def p99(self) -> str:
        """With its range where there were several runs."""
        every = [load.p99 for load in self.loads]
        between = f" ({min(every):.2f} to {max(every):.2f})" if len(every) > 1 else ""
        return f"{self.load.p99:.2f}{between}"

    @property
    def cells(self) -> tuple[str, ...]:
        load, count = self.load, self.syncs[-1] if self.syncs else 0
        return (
            self.label,
            str(self.connections),
            f"{load.rate:,.0f}",
            f"{load.p50:.2f}",
            self.p99,
            f"{load.events / count:.1f}" if count else "",
            self._sync_p99 if count else "",
            f"{load.cpu:.0f}",
            f"{load.others:.2f}",
            str(load.failed),
        )

    @property
    def _sync_p99(self) -> str:
        bounds = [f"≤ {1000 * bound:g}" for bound in SYNC_SECONDS]
        bounds.append(f"> {1000 * SYNC_SECONDS[-1]:g}")
        wanted = 0.99 * self.syncs[-1]
        return next(text for text, count in zip(bounds, self.syncs, strict=True) if count >= wanted)


@dataclass
class Run:
    """One run of the benchmark; `disks` is the probe before and after."""

    command: str
    note: str
    load_average: float
    disks: list[Disk]
    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def at(self, name: str) -> Row | None:
        """The row that counts for the targets."""
        found = [row for row in self.rows if (row.name, row.connections) == (name, COUNTS)]
        return found[0] if found else None


def page(run: Run) -> str:
    """RESULTS.md."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    before, after = run.disks
    missing = f" Left out: {', '.join(run.missing)}." if run.missing else ""
    note = f" {run.note}" if run.note else ""
    return (
        "# The receiver beside its peers\n\n"
        f"`{run.command}`, {now}, commit {commit()}, {os.cpu_count()} cores shared with wrk, "
        f"{platform.platform()}, load average {run.load_average:.2f} at the start."
        f"{note}{missing}\n\n"
        f"Append and fdatasync on this disk with no server running: p99 {before.p99:.2f} ms before "
        f"and {after.p99:.2f} ms after (p50 {before.p50:.2f} and {after.p50:.2f}).\n\n"
        f"Versions: {versions()}. Body of 1.3 KB; rate in events/s, p50 and p99 in ms, p99 of "
        "fdatasync in ms while it was measured (bound of the histogram), CPU of the server in µs "
        "an event; ours seals while it is measured. Others: cores that were busy with something "
        "else meanwhile; a run with more than 0.15 was made again, twice at most. With "
        f"{COUNTS} connections the medians of several runs, and the range of p99.\n\n"
        + _table(_COLUMNS, [row.cells for row in run.rows])
        + f"\n## Targets\nOne worker, {COUNTS} connections. This page is written by the "
        "benchmark.\n\n" + _table(("target", "seen", "met"), list(_targets(run)))
    )


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |\n" for row in (columns, *rows)]
    return "".join([lines[0], "|" + "---|" * len(columns) + "\n", *lines[1:]])


def _targets(run: Run) -> Iterator[tuple[str, ...]]:
    ours = run.at("ours1")
    for wanted, name in RATIOS:
        other = run.at(name)
        if ours and other:
            ratio = ours.load.rate / other.load.rate
            seen = f"{ratio:.2f} times ({ours.load.rate:,.0f} to {other.load.rate:,.0f})"
            yield f"≥ {wanted:g} times {other.label}", seen, "yes" if ratio >= wanted else "no"
    if ours:
        seen = f"{ours.p99} ms"
        worst = max(disk.p99 for disk in run.disks)
        met = "yes" if ours.load.p99 <= _P99 else "no"
        if met == "no" and worst > _DISK_P99:
            met = f"open: fdatasync's p99 was {worst:.2f} ms"
        yield f"p99 ≤ {_P99:g} ms where fdatasync's p99 is ≤ {_DISK_P99:g} ms", seen, met


def versions() -> str:
    """Of what was measured, as far as it is installed."""
    found = [f"{name} {version(name)}" for name in ("uvicorn", "httptools", "uvloop", "fastapi")]
    for command in (
        ("wrk", "-v"),
        ("nginx", "-v"),
        ("redis-server", "--version"),
        ("postgres", "--version"),
    ):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            text = (done.stdout + done.stderr).strip().splitlines()[0]
            found.append(re.split(r" sha=| \[epoll\]", text)[0])
    return "; ".join(found)
