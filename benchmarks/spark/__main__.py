"""`python -m benchmarks.spark FOLDER --candidates 345000`: a million events on two workers.

Makes a company, lands its events, and runs `hiring sync` on a cluster on loopback that it starts
and stops, taking time and memory; then in DuckDB, and compares the published tables. FOLDER may
hold a home with a landing zone from before (FOLDER/spark). Results: docs/spark.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks.spark.cluster import Cluster, cluster
from contract.settings import Settings
from tests.conformance.compare import differences


def main() -> int:
    """Exit code 0 when both engines published the same."""
    parser = argparse.ArgumentParser(prog="benchmarks.spark", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--candidates", type=int, default=345_000)
    arguments = parser.parse_args()
    there, here = arguments.folder / "spark", arguments.folder / "duckdb"
    if not (there / "landing").is_dir():
        _land(arguments.folder, there, arguments.candidates)
    with cluster(arguments.folder / "cluster") as running:
        environ = dict(running.environ) | {"HIRING_SPARK_MASTER": running.url}
        took = _sync(there, {"HIRING_ENGINE": "spark"} | environ, running)
    print(json.dumps({"spark": took}), flush=True)
    _copy_landing(there, here)
    print(json.dumps({"duckdb": _sync(here, {})}), flush=True)
    found = differences(Settings(home=here).published, Settings(home=there).published)
    print("\n".join(found) or "the published tables are equal")
    return bool(found)


def _land(folder: Path, home: Path, candidates: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = str(folder / "lines.jsonl")
    for arguments in (
        ("simulate", "--file", lines, "--candidates", str(candidates)),
        ("land", lines),
    ):
        process = _hiring(home, {}, *arguments)
        process.communicate()
        if process.returncode:
            raise SystemExit(f"hiring {arguments[0]} failed")
    Path(lines).unlink()


def _copy_landing(home: Path, to: Path) -> None:
    """The same landing zone and key, so that both make the same of it."""
    shutil.rmtree(to, ignore_errors=True)
    for name in ("landing", "secrets"):
        shutil.copytree(home / name, to / name, copy_function=os.link)


def _hiring(home: Path, environ: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hiring", *arguments]
    return subprocess.Popen(
        command,
        env=os.environ | {"HIRING_HOME": str(home)} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _sync(home: Path, environ: Mapping[str, str], running: Cluster | None = None) -> dict[str, str]:
    started = time.monotonic()
    process = _hiring(home, environ, "sync", "--full-refresh", "--json")
    daemons = [daemon.pid for daemon in running.processes] if running else []
    with _watched([process.pid, *daemons]) as peaks:
        output, _ = process.communicate()
    if process.returncode:
        raise SystemExit("the sync failed")
    summary = json.loads(output)
    steps = {name: f"{seconds:.1f} s" for name, seconds in summary["seconds"].items()}
    memory = {name: f"{size / 1e6:,.0f} MB" for name, size in sorted(peaks.items())}
    whole = f"{time.monotonic() - started:.1f} s"
    return {"events": f"{summary['events']:,}", "whole": whole} | steps | memory


@contextmanager
def _watched(pids: list[int]) -> Iterator[dict[str, int]]:
    """The most memory (resident) that each kind of process took, added up where there are two."""
    peaks: dict[str, int] = {}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            for name, size in _sizes(pids).items():
                peaks[name] = max(peaks.get(name, 0), size)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        stop.set()
        watcher.join()


def _sizes(pids: list[int]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for process in _family(pids):
        with suppress(psutil.Error):  # it may have ended by now
            name = _kind(process.cmdline())
            sizes[name] = sizes.get(name, 0) + process.memory_info().rss
    return sizes


def _family(pids: list[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with suppress(psutil.Error):
            root = psutil.Process(pid)
            yield from (root, *root.children(recursive=True))


def _kind(command: list[str]) -> str:
    text = " ".join(command)
    for sign, name in (
        ("CoarseGrainedExecutorBackend", "executors"),
        ("deploy.master", "daemons"),
        ("deploy.worker", "daemons"),
        ("SparkSubmit", "driver"),
    ):
        if sign in text:
            return name
    return "hiring"


if __name__ == "__main__":
    sys.exit(main())
