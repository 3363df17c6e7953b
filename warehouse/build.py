"""Runs dbt in-process: raw tables to models, only what new loads touched or all of it.

The estimates follow, which need the models and which views of the models publish.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from contract import formats, lake, warehouse
from contract.settings import Settings
from warehouse import copied, estimated, estimators, fingerprint, mappings, spilled
from warehouse.early import Early, may_begin
from warehouse.runner import FAILED, BuildFailed, explain, invoke, run_dbt

NO_FILES = "--no-write-json"  # manifest and results, a quarter of a small build's time


@dataclass(frozen=True)
class Build:
    """What a build did.

    seconds: by step (prepare, dbt, estimates: what they took after dbt). models: seconds by model
    or estimate that was run.
    rows: rows by table that keeps any. rebuilt: why everything was built anew, or None.
    """

    seconds: dict[str, float]
    models: dict[str, float]
    rows: dict[str, int]
    rebuilt: str | None = None
    new_loads: int = field(default=0)


def build(
    settings: Settings,
    *,
    full_refresh: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Build:
    """Build the models of warehouse.duckdb, covering every complete load not covered yet.

    `progress` is told the name of each model that is done.
    Raises BuildFailed; what was built by then is built again by the next run.
    Raises mappings.MappingError when a file in HIRING_HOME/config is wrong.
    """
    if settings.engine == "spark":
        from warehouse.spark import build_there

        return build_there(settings, full_refresh, progress)
    started = time.monotonic()
    if settings.engine == "duckdb" and not settings.warehouse.is_file():
        raise BuildFailed("there is no warehouse.duckdb yet: nothing was loaded")
    with lake.held(settings):
        return _build(settings, full_refresh, progress, started)


def _build(
    settings: Settings,
    full_refresh: bool,
    progress: Callable[[str], None] | None,
    started: float,
) -> Build:
    spilled.sweep(settings)
    seeds = mappings.prepare(settings)
    mark = fingerprint.current(settings, seeds)
    reason = "asked for" if full_refresh else fingerprint.why_rebuild(settings, mark)
    # Open from here on: what dbt read stays in memory, and all is written back once.
    with (
        warehouse.connect(settings) as connection,
        Early(connection) as early,
        ThreadPoolExecutor(1, "copy") as disk,
    ):
        prepared = time.monotonic()
        is_early = may_begin(settings, reason)
        if is_early:
            disk.submit(copied.ahead, settings)

        def stands(name: str) -> None:
            if is_early:
                early.stands(name)
            if progress:
                progress(name)

        models = run_dbt(settings, _scope(reason), variables(settings, seeds), stands)
        if reason:
            fingerprint.record(connection, mark)
        built = time.monotonic()
        try:
            estimates = early.made()
        except estimators.EstimatesFailed as error:
            raise BuildFailed(str(error)) from None
        estimated.note(connection)
        rows, new_loads = _rows(connection)
    seconds = {
        "prepare": prepared - started,
        "dbt": built - prepared,
        "estimates": time.monotonic() - built,
    }
    return Build(seconds, models | estimates, rows, reason, new_loads)


def check(settings: Settings) -> list[str]:
    """Run all data tests and unit tests of the dbt project on the built models.

    Returns the names of those that failed, none when all hold. Raises BuildFailed when one could
    not be run at all.
    """
    seeds = mappings.prepare(settings)
    nodes = invoke(settings, ["test", NO_FILES], variables(settings, seeds))
    broken = [node for node in nodes if str(node.status) in FAILED and str(node.status) != "fail"]
    if broken:
        raise BuildFailed(explain(broken, None))
    return sorted(node.node.name for node in nodes if str(node.status) == "fail")


def warm(settings: Settings) -> None:
    """Let dbt read the project: builds in children forked from here begin with that done.

    Opens no warehouse. What is wrong with the project or a mapping, the build will say.
    """
    with contextlib.suppress(BuildFailed, mappings.MappingError):
        invoke(settings, ["parse", NO_FILES], variables(settings, mappings.prepare(settings)))


def _scope(reason: str | None) -> list[str]:
    """Views and seeds change with the fingerprint only, so a run of new loads leaves them alone."""
    if reason:
        kinds = ["--resource-type", "model", "--resource-type", "seed"]
        return ["build", "--full-refresh", *kinds, NO_FILES]
    return ["run", "--exclude", "config.materialized:view", NO_FILES]


def variables(settings: Settings, seeds: Path) -> dict[str, str | int]:
    """The variables of dbt_project.yml and profiles.yml."""
    return {
        "warehouse": _database(settings),
        "seeds": str(seeds.resolve()),
        "timezone": settings.timezone,
        "redelivery_window": settings.redelivery_window,
        "published_format": formats.PUBLISHED,
    }


def _database(settings: Settings) -> str:
    if settings.engine == "ducklake":
        return lake.instance(settings)
    return str(settings.warehouse.resolve())


def _rows(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], int]:
    names = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'main'"
        " and database_name = current_database() order by 1"
    ).fetchall()
    rows = {name: _count(connection, name) for (name,) in names}
    return rows, rows.pop("new_loads", 0)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f'select count(*) from main."{table}"').fetchone()
    return int(row[0]) if row else 0
