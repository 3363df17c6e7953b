"""`hiring sync` killed at a random instant, files lost or put back: the next run must be right.

Every trial starts from a home with half its events synced and half waiting. A run, as a worker's
or as one by hand, which loads in a child, is killed (SIGKILL) at a random instant of extract,
normalise, load, dbt or publish; in two of three
trials state/, warehouse.duckdb or hiring.duckdb are then deleted or put back from before, alone
or together. One undisturbed run later every published table must equal that of a home that was
never disturbed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.campaign.audit import Verdict
from contract import durable
from contract.settings import Settings

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
KEPT = ("state", "warehouse.duckdb", "hiring.duckdb")


def syncs(folder: Path, seeds: range) -> Iterator[Verdict]:
    """A verdict a seed. acked: met a living run; lost: tables that differ; wrong: a failed run."""
    shutil.rmtree(folder, ignore_errors=True)
    base, before, expected = _prepare(folder)
    for seed in seeds:
        yield _trial(folder / "trial", base, before, expected, random.Random(seed))  # noqa: S311


def _prepare(folder: Path) -> tuple[Path, Path, dict[str, str]]:
    """(home half synced, half waiting; home from before that; the tables when all is synced)."""
    from receiver.land import land
    from simulator.company import make_company
    from simulator.lines import write_lines

    _warm()
    base, before, whole = folder / "base", folder / "before", folder / "whole"
    durable.make_directory(base)
    durable.write(base / "secrets" / "person_key", [b"campaign"])
    lines = folder / "lines.jsonl"
    write_lines(make_company(candidates=300, seed=5, end=END), lines, 5)
    rows = lines.read_bytes().splitlines(keepends=True)
    for part, chunk in enumerate((rows[: len(rows) // 2], rows[len(rows) // 2 :])):
        (folder / "part.jsonl").write_bytes(b"".join(chunk))
        land(Settings(home=base), [folder / "part.jsonl"])
        if part == 0:
            _run(base)
            shutil.copytree(base, before)
    shutil.copytree(base, whole)
    if _run(whole) != 0:
        raise RuntimeError("the undisturbed run failed")
    return base, before, tables(whole)


def _warm() -> None:
    """Import what a run imports: kills fall into its work, and every trial runs the same code."""
    import pandas  # noqa: F401

    import pipelines.ahead
    import pipelines.known
    import pipelines.layout  # noqa: F401
    import receiver.quarantine  # noqa: F401
    import warehouse.build
    import warehouse.publish  # noqa: F401


def _trial(
    home: Path, base: Path, before: Path, expected: dict[str, str], chance: random.Random
) -> Verdict:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(base, home)
    is_cold = chance.random() < 0.5
    killed = _run(home, kill_after=chance.uniform(0.0, 4.0), is_cold=is_cold)
    if chance.random() < 2 / 3:
        for name in chance.sample(KEPT, chance.randint(1, 2)):
            _lose(home / name, before / name, is_restored=chance.random() < 0.5)
    status = _run(home, is_cold=is_cold)
    found = tables(home) if status == 0 else {}
    differ = sum(found.get(name) != text for name, text in expected.items())
    return Verdict(int(killed < 0), len(found), differ, int(status != 0))


def _lose(path: Path, before: Path, *, is_restored: bool) -> None:
    if path.is_dir():
        shutil.rmtree(path)
        if is_restored:
            shutil.copytree(before, path)
    else:
        path.unlink(missing_ok=True)
        if is_restored and before.exists():
            shutil.copy(before, path)


def _run(home: Path, kill_after: float | None = None, *, is_cold: bool = False) -> int:
    """A sync in a process of its own: its exit status, negative when it was killed."""
    child = os.fork()
    if child == 0:
        _become(lambda: _sync(home, is_cold=is_cold))
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(work: Callable[[], None]) -> None:
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _sync(home: Path, *, is_cold: bool) -> None:
    from stages import run_sync

    run_sync(Settings(home=home), lambda _: None, is_cold=is_cold)


def tables(home: Path) -> dict[str, str]:
    """Every published table as text, the id of the load left out."""
    with duckdb.connect(str(home / "hiring.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [row[0] for row in connection.sql("show tables").fetchall()]
        return {name: _text(connection, name) for name in names}


def _text(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    left_out = "exclude (last_load_id)" if name == "freshness" else ""
    return str(connection.sql(f"select * {left_out} from {name} order by all").fetchall())
