"""Builds: what is covered, what rebuilds, what failure says, and what is left alone."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from contract.settings import Settings
from tests.warehouse.history import Raw, candidate, created, day, reader
from warehouse import fingerprint
from warehouse.build import build, warm
from warehouse.mappings import MappingError
from warehouse.runner import BuildFailed

SECRET = "ann@example.com"
OUTCOMES = "select candidate_uuid, outcome from int_applications order by 1"


def outcomes(settings: Settings) -> dict[str, str]:
    return {r["candidate_uuid"]: r["outcome"] for r in reader(settings.warehouse)(OUTCOMES)}


def tree(folder: Path) -> dict[str, float]:
    return {
        str(path): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in str(path)
    }


def test_a_build_covers_each_load_once_and_tells_why_it_rebuilt(
    settings: Settings, fresh_raw: Raw
) -> None:
    fresh_raw.load("20", [created("c1", "j", day(0), status="new")])
    first = build(settings)
    assert (first.rebuilt, first.new_loads, first.rows["int_applications"]) == ("first build", 1, 1)
    # A clock that stepped back: the id of the later load is smaller, and it is not missed.
    fresh_raw.load("1", [candidate("c1", "j", day(1), status="hired"), created("c2", "j", day(1))])
    second = build(settings)
    assert (second.rebuilt, second.new_loads) == (None, 1)
    assert outcomes(settings) == {"c1": "hired", "c2": "unmapped"}
    assert build(settings).new_loads == 0
    assert build(settings, full_refresh=True).rebuilt == "asked for"


def test_another_time_zone_rebuilds_with_its_own_months(settings: Settings, fresh_raw: Raw) -> None:
    # 23:31 UTC on 30 June is July in Dublin, where it is summer time.
    fresh_raw.load("1", [created("c1", "j", day(180.98), received_at=day(180.98))])
    month = "select cohort_month::varchar as m from int_applications"
    build(settings)
    assert reader(settings.warehouse)(month) == [{"m": "2026-06-01"}]
    dublin = settings.model_copy(update={"timezone": "Europe/Dublin"})
    assert build(dublin).rebuilt == "changed: settings"
    assert reader(settings.warehouse)(month) == [{"m": "2026-07-01"}]


def test_raw_tables_loaded_anew_rebuild_and_forget_what_is_gone(
    settings: Settings, fresh_raw: Raw
) -> None:
    fresh_raw.load("1", [created("gone", "j", day(0)), created("kept", "j", day(0))])
    build(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from raw.candidate_events where uuid = 'gone'")
        connection.execute("update raw._dlt_loads set load_id = '2'")
        connection.execute("update raw.candidate_events set _dlt_load_id = '2'")
    assert build(settings).rebuilt == "raw tables were loaded anew"
    assert list(outcomes(settings)) == ["kept"]


def test_touched_rows_stand_in_no_file_and_those_of_an_older_version_go(
    settings: Settings, fresh_raw: Raw
) -> None:
    applied = {"status": "new", "step": "Applied"}
    fresh_raw.load("1", [created(f"c{n}", "j", day(n), **applied) for n in range(3)])
    with duckdb.connect(str(settings.warehouse)) as connection:
        for name in ("applications", "int_touched_events"):
            connection.execute(f"create table {name}__touched as from raw.candidate_events")
    build(settings)
    fresh_raw.load("2", [candidate("c1", "j", day(9), status="hired")])
    build(settings)
    rows = reader(settings.warehouse)("select table_name from duckdb_tables()")
    names = {row["table_name"] for row in rows}
    assert "int_touched_events" in names
    assert not [name for name in names if "__touched" in name]
    assert reader(settings.warehouse)("from int_touched_events") == []


def test_a_failed_build_says_which_model_and_no_value_and_is_made_good_by_the_next(
    settings: Settings, fresh_raw: Raw, capfd: pytest.CaptureFixture[str]
) -> None:
    fresh_raw.load("1", [created("c1", "j", day(0), status="new")])
    build(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        # A value that the model's arithmetic cannot take: the driver's text would quote it.
        connection.execute("alter table raw.candidate_events alter updated_at type varchar")
        connection.execute(
            "insert into raw.candidate_events (event_id, uuid, job_uuid, updated_at, landed_at,"
            f" _dlt_load_id) values ('e', 'c2', 'j', '{SECRET}', now(), '2')"
        )
        connection.execute("insert into raw._dlt_loads (load_id, status) values ('2', 0)")
    with pytest.raises(BuildFailed, match=r"int_application_states \(.*Error\)") as error:
        build(settings)
    assert SECRET not in str(error.value) + "".join(capfd.readouterr())
    for file in settings.state.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update raw.candidate_events set updated_at = '2026-01-05'")
        connection.execute("alter table raw.candidate_events alter updated_at type timestamptz")
    assert build(settings).new_loads == 1
    assert list(outcomes(settings)) == ["c1", "c2"]


def test_without_a_warehouse_the_failure_says_so(settings: Settings) -> None:
    with pytest.raises(BuildFailed, match="nothing was loaded"):
        build(settings)
    assert not settings.warehouse.exists()


def test_building_from_a_relative_home_writes_nothing_into_the_source_tree(
    settings: Settings, fresh_raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_raw.load("1", [created("c1", "j", day(0))])
    monkeypatch.chdir(settings.home.parent)
    before = tree(fingerprint.PROJECT)
    done: list[str] = []
    build(settings.model_copy(update={"home": Path(settings.home.name)}), progress=done.append)
    assert tree(fingerprint.PROJECT) == before
    assert Path.cwd() == settings.home.parent
    assert "funnel_cohort" in done
    # The file is let go: it can be opened for writing.
    duckdb.connect(str(settings.warehouse)).close()


def test_a_warm_process_has_read_the_project_and_opened_nothing(
    settings: Settings, cache: Path
) -> None:
    threads = threading.active_count()
    warm(settings)
    assert len(list(cache.iterdir())) == 1
    assert (settings.warehouse.exists(), threading.active_count()) == (False, threads)


def test_a_wrong_mapping_is_the_builds_to_tell(settings: Settings, fresh_raw: Raw) -> None:
    settings.config.mkdir(parents=True)
    (settings.config / "status_outcomes.csv").write_text("no such column\n")
    warm(settings)
    fresh_raw.load("1", [created("c1", "j", day(0))])
    with pytest.raises(MappingError):
        build(settings)


def test_a_build_takes_no_more_memory_than_twice_the_file_or_800_mb(
    settings: Settings, fresh_raw: Raw
) -> None:
    fresh_raw.load("1", [created("c1", "j", day(0))])
    limits = []

    def look(_: str) -> None:
        connection = DuckDBConnectionManager.env().conn.cursor()
        limits.append(connection.execute("select current_setting('memory_limit')").fetchone())

    build(settings, progress=look)
    assert set(limits) == {("762.9 MiB",)}


def test_what_a_killed_build_moved_to_disk_is_gone_after_the_next(
    settings: Settings, fresh_raw: Raw
) -> None:
    fresh_raw.load("1", [created("c1", "j", day(0))])
    left = settings.home / "warehouse.duckdb.tmp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    left.parent.mkdir()
    left.write_text(SECRET)
    build(settings)
    assert not left.parent.exists()
