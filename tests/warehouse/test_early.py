"""Estimates begin when what they are made of stands, and not before."""

from __future__ import annotations

import re
import threading
from typing import Any

import duckdb
import pytest

from contract.settings import Settings
from tests.warehouse.history import Raw, candidate, created, day
from warehouse import early
from warehouse.build import BuildFailed, build
from warehouse.estimated import QUERIES
from warehouse.estimators import EstimatesFailed
from warehouse.fingerprint import PROJECT


def test_they_wait_for_all_tables_that_they_read() -> None:
    read = {
        name
        for path in QUERIES.glob("*.sql")
        for name in re.findall(r"main\.(\w+)", path.read_text(encoding="utf-8"))
        if not name.startswith("est_")
    }
    sql = {path.stem: path.read_text(encoding="utf-8") for path in PROJECT.rglob("models/*/*.sql")}
    views = {name for name in read if "materialized='view'" in sql[name]}
    assert read - views == early.MADE_OF


@pytest.fixture
def known(settings: Settings, fresh_raw: Raw) -> Raw:
    rows = [created(f"c_{name}", name, day(0), status="new", step="Applied") for name in "ab"]
    fresh_raw.load("1", rows)
    build(settings)
    fresh_raw.load("2", [candidate("c_a", "a", day(2), status="rejected", step="Applied")])
    return fresh_raw


def test_they_are_made_beside_dbt_in_a_build_of_what_is_new(
    settings: Settings, known: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[str] = []
    real = early.estimate

    def estimate(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
        where.append(threading.current_thread().name)
        return real(connection)

    monkeypatch.setattr(early, "estimate", estimate)
    build(settings)
    build(settings, full_refresh=True)
    assert [name.startswith("estimates") for name in where] == [True, False]


def test_one_that_fails_fails_the_build_and_the_next_makes_it(
    settings: Settings, known: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> dict[str, float]:
        raise EstimatesFailed("time_to_hire failed with Error")

    with monkeypatch.context() as patch:
        patch.setattr(early, "estimate", fail)
        with pytest.raises(BuildFailed, match="time_to_hire failed with Error"):
            build(settings)
    build(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        rows = connection.execute(
            "select scope_value, open from est_time_to_hire where scope = 'job' order by 1"
        ).fetchall()
    assert rows == [("a", 0), ("b", 1)]


def test_in_a_lake_they_wait_for_dbt(settings: Settings) -> None:
    in_lake = settings.model_copy(update={"engine": "ducklake"})
    assert early.may_begin(settings, None)
    assert not early.may_begin(in_lake, None)
    assert not early.may_begin(settings, "asked for")
