"""What a cluster built, as a warehouse.duckdb: views of its files, for estimates and publishing."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
from jinja2 import Environment

from contract import durable, files
from contract.settings import Settings
from contract.sql import escaped
from warehouse import estimators, fingerprint

ESTIMATES = ("time_to_hire", "time_in_stage", "time_in_stage_curve", "score_calibration")


def hand_over(settings: Settings, built: Path, mark: str) -> dict[str, float]:
    """Put the tables below `built` in the place of the former ones; seconds by estimate.

    They take effect by one rename: a kill leaves the former tables. Raises
    estimators.EstimatesFailed, duckdb.Error, OSError.
    """
    new = built / settings.warehouse.name  # the catalog is called after the file
    with duckdb.connect(str(new)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        files.views(connection, files.folder(settings))
        _views(connection, built)
        _estimates(connection)
        seconds = estimators.estimate_in(connection)
        connection.execute("create table main.covered_loads as select load_id from raw._dlt_loads")
        connection.execute("create table main.built_in as select ? as folder", [built.name])
        fingerprint.record(connection, mark)
    for path in built.rglob("*"):
        durable.sync(path)
    new.replace(settings.warehouse)
    durable.sync(settings.warehouse.parent)
    sweep(built.parent, built.name)
    return seconds


def sweep(models: Path, but: str | None) -> None:
    """Remove what former and killed builds left. A dying cluster may still write there."""
    for folder in models.glob("*"):
        if folder.name != but:
            shutil.rmtree(folder, ignore_errors=True)


def current(warehouse: Path) -> str | None:
    """Name of the folder that the tables stand in."""
    if not warehouse.is_file():
        return None
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute("select folder from main.built_in").fetchone()
    return str(row[0]) if row else None


def new_loads(warehouse: Path) -> int:
    """Complete loads that the tables do not cover yet."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            "select count(*) from raw._dlt_loads"
            " where load_id not in (select load_id from main.covered_loads)"
        ).fetchone()
    return int(row[0]) if row else 0


def _views(connection: duckdb.DuckDBPyConnection, built: Path) -> None:
    for folder in sorted((built / "main.db").iterdir()):
        connection.execute(
            f"create view main.{folder.name} as from read_parquet('{escaped(folder)}/*.parquet')"
        )


def _estimates(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that dbt makes in DuckDB before the models, and the marts on them."""
    macro = (fingerprint.PROJECT / "macros" / "estimates.sql").read_text()
    names = {"flags": SimpleNamespace(FULL_REFRESH=True), "target": SimpleNamespace(schema="main")}
    made = Environment(autoescape=True).from_string(macro).make_module(names)
    connection.execute(str(made.create_estimates()))  # type: ignore[attr-defined]
    connection.execute("create table main.int_touched_jobs (job_uuid varchar)")  # no increments
    for name in ESTIMATES:
        connection.execute(f"create view main.{name} as from main.est_{name}")
