"""The same landing zone through Spark and through DuckDB: the published tables must be equal.

Spark runs on a cluster of a master and two workers on loopback. A home syncs half of a company's
events; a sync of the other half is killed (SIGKILL) at a random instant; the next one must come to
what DuckDB makes of all of them in one run.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign.audit import Verdict
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines
from tests.conformance.compare import differences

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
CANDIDATES = 2000  # of about 2.9 events each


def conformance(folder: Path, seeds: range, candidates: int = CANDIDATES) -> Iterator[Verdict]:
    """A verdict a company. acked: the kill met a living run; lost: differences; wrong: a failed
    run."""
    from benchmarks.spark.cluster import cluster  # pyspark is an extra

    shutil.rmtree(folder, ignore_errors=True)
    with cluster(folder / "cluster") as running:
        environ = {
            **running.environ,
            "HIRING_ENGINE": "spark",
            "HIRING_SPARK_MASTER": running.url,
        }
        for seed in seeds:
            chance = random.Random(seed)  # noqa: S311
            yield _trial(folder / "trial", environ, seed, candidates, chance)


def _trial(
    folder: Path, environ: Mapping[str, str], seed: int, candidates: int, chance: random.Random
) -> Verdict:
    shutil.rmtree(folder, ignore_errors=True)
    spark, duckdb = folder / "spark", folder / "duckdb"
    first, second = _halves(folder, seed, candidates)
    land(Settings(home=spark), [first])
    started = time.monotonic()
    failed = _sync(spark, environ)
    took = time.monotonic() - started
    land(Settings(home=spark), [second])
    killed = _sync(spark, environ, kill_after=chance.uniform(0.0, took))
    failed += _sync(spark, environ)
    for name in ("landing", "secrets"):
        shutil.copytree(spark / name, duckdb / name)
    failed += _sync(duckdb, {})
    published = [Settings(home=home).published for home in (duckdb, spark)]
    found = [] if failed else differences(*published)
    for line in found:
        print(f"  company {seed}: {line}")
    return Verdict(int(killed < 0), candidates, len(found), int(failed != 0))


def _halves(folder: Path, seed: int, candidates: int) -> tuple[Path, Path]:
    folder.mkdir(parents=True)
    lines = folder / "lines.jsonl"
    write_lines(make_company(candidates=candidates, seed=seed, end=END), lines, seed)
    rows = lines.read_bytes().splitlines(keepends=True)
    halves = folder / "first.jsonl", folder / "second.jsonl"
    for path, part in zip(halves, (rows[: len(rows) // 2], rows[len(rows) // 2 :]), strict=True):
        path.write_bytes(b"".join(part))
    return halves


def _sync(home: Path, environ: Mapping[str, str], kill_after: float | None = None) -> int:
    """The exit status of a run; negative when it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hiring", "sync"],
        env=os.environ | {"HIRING_HOME": str(home)} | environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
