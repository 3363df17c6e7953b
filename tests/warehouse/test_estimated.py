"""Which estimates a build makes anew: those that a load or time changed, in doubt all."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from contract.settings import Settings
from tests.warehouse.history import Query, Raw, candidate, created, day, reader
from warehouse import fingerprint, mappings
from warehouse.build import build

TABLES = {"time_to_hire": "applications", "time_in_stage": "visits"}


def left_alone(query: Query) -> dict[str, list[str]]:
    """Jobs whose estimates are as `spoil` left them."""
    return {
        table: [
            row["job"]
            for row in query(
                f"select distinct scope_value as job from {table} where {n} < 0 order by 1"
            )
        ]
        for table, n in TABLES.items()
    }


def spoil(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        for table, n in TABLES.items():
            connection.execute(f"update main.est_{table} set {n} = -{n} where scope = 'job'")


@pytest.fixture
def spoiled(settings: Settings, fresh_raw: Raw) -> Query:
    """Built, the jobs' estimates made wrong: an ended application in one, open ones in two."""
    rows = [created(f"c_{name}", name, day(0), status="new", step="Applied") for name in "abc"]
    rows.append(candidate("c_a", "a", day(2), status="rejected", step="Applied"))
    fresh_raw.load("1", [*rows, ("other_events", {"landed_at": day(10.02)})])
    build(settings)
    spoil(settings)
    query = reader(settings.warehouse)
    assert left_alone(query) == {table: ["a", "b", "c"] for table in TABLES}
    return query


def test_a_jobs_estimates_stand_until_a_load_or_time_changes_what_they_count(
    settings: Settings, fresh_raw: Raw, spoiled: Query
) -> None:
    # Open for 10.02 to 10.05 days: the same tenth of a day.
    fresh_raw.load("2", [candidate("c_c", "c", day(10.05), status="hired", step="Applied")])
    assert build(settings).rebuilt is None
    assert left_alone(spoiled) == {table: ["a", "b"] for table in TABLES}
    fresh_raw.load("3", [("other_events", {"landed_at": day(10.15)})])
    assert build(settings).rebuilt is None
    assert left_alone(spoiled) == {table: ["a"] for table in TABLES}


def test_what_a_killed_build_left_half_done_is_made_anew(
    settings: Settings, fresh_raw: Raw, spoiled: Query
) -> None:
    """The models cover a load, the estimates do not."""
    fresh_raw.load("2", [candidate("c_c", "c", day(10.05), status="hired", step="Applied")])
    with duckdb.connect(str(settings.warehouse)) as connection:
        before = connection.execute("from est_made").fetchall()
    build(settings)
    spoil(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from est_made")
        connection.executemany("insert into est_made values (?, ?)", before)
    build(settings)
    assert left_alone(spoiled) == {table: [] for table in TABLES}


@pytest.mark.parametrize("changed", ["curves.py", "estimates/hire_subjects.sql"])
def test_other_estimators_make_all_anew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    project = tmp_path / "warehouse"
    shutil.copytree(fingerprint.PROJECT, project)
    monkeypatch.setattr(fingerprint, "PROJECT", project)
    before = fingerprint.current(settings, mappings.SHIPPED).split()
    (project / changed).write_text("another")
    after = fingerprint.current(settings, mappings.SHIPPED).split()
    [differs] = set(after) - set(before)
    assert differs.startswith("estimates=")
