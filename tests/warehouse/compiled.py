"""The models' own SQL, compiled once by dbt, to be run on many small histories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import orjson
from jinja2 import Environment

from contract.settings import Settings
from tests.warehouse.history import Row, create_raw, dicts, insert_load
from warehouse import fingerprint, mappings
from warehouse.build import variables
from warehouse.descriptions import marts
from warehouse.estimators import estimate_in
from warehouse.runner import run_dbt

Load = list[tuple[str, Row]]


@dataclass(frozen=True, repr=False)
class Models:
    """(kind, name, SQL) of each model in order of building, with the shipped mappings."""

    statements: list[tuple[str, str, str]]

    def tables(self, loads: list[Load]) -> dict[str, list[Any]]:
        """All marts built whole from these loads, rows sorted."""
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as warehouse; use warehouse")
            self.build(connection, loads)
            return all_marts(lambda sql: dicts(connection.execute(sql)))

    def build(self, connection: duckdb.DuckDBPyConnection, loads: list[Load]) -> None:
        """What build() makes of these loads in an empty warehouse."""
        # Two threads cost more than they gain on a handful of rows.
        connection.execute("set threads = 1")
        create_raw(connection)
        for number, rows in enumerate(loads, start=1):
            insert_load(connection, f"{number}", rows)
        self.make(connection)

    def make(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The same where the raw tables stand."""
        self._seed(connection)
        connection.execute(estimate_tables())
        for kind, name, sql in self.statements:
            connection.execute(f"create {kind} {name} as {sql}")
        estimate_in(connection)

    def _seed(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("create table new_loads (load_id varchar)")
        for mapping in mappings.MAPPINGS:
            connection.execute(
                f"create table {mapping.name} as"
                f" from read_csv('{mappings.SHIPPED / mapping.file}', all_varchar = true)"
            )
        connection.execute("alter table stage_map alter stage_order type bigint")
        connection.execute(
            "create table anonymous_applications (cohort_month date, job_uuid varchar,"
            " furthest_stage varchar, outcome varchar, applications bigint)"
        )


def fill(warehouse: Path, models: Models, load: Load) -> None:
    """Make a warehouse.duckdb that is built from one load."""
    with duckdb.connect(str(warehouse)) as connection:
        models.build(connection, [load])


def estimate_tables() -> str:
    """The statements of the macro that dbt runs before the models."""
    macro = (fingerprint.PROJECT / "macros" / "estimates.sql").read_text()
    names = {"flags": SimpleNamespace(FULL_REFRESH=True), "target": SimpleNamespace(schema="main")}
    return str(
        Environment(autoescape=True).from_string(macro).make_module(names).create_estimates()
    )


def all_marts(query: Callable[[str], list[Any]]) -> dict[str, list[Any]]:
    """The rows of all marts, sorted."""
    return {
        mart.name: query(f"select {', '.join(mart.columns)} from main.{mart.name} order by all")
        for mart in marts()
    }


def compile_models(settings: Settings) -> Models:
    """Let dbt compile the models for a full build."""
    seeds = mappings.prepare(settings)
    run_dbt(settings, ["compile", "--full-refresh"], variables(settings, seeds))
    manifest = orjson.loads((settings.state / "dbt" / "target" / "manifest.json").read_bytes())
    nodes = {key: n for key, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    ordered: list[str] = []
    while len(ordered) < len(nodes):
        ordered += [
            key
            for key, node in nodes.items()
            if key not in ordered
            and all(d in ordered for d in node["depends_on"]["nodes"] if d in nodes)
        ]
    statements = [
        (_kind(nodes[key]), nodes[key]["name"], nodes[key]["compiled_code"])
        for key in ordered
        if nodes[key]["config"]["materialized"] != "ephemeral"
    ]
    return Models(statements)


def _kind(node: dict) -> str:
    return "view" if node["config"]["materialized"] == "view" else "table"
