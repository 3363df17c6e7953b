"""The warehouse stays open where it is held, and is as it was found elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract import warehouse
from contract.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_what_is_written_in_a_held_warehouse_goes_into_the_file_at_its_end(
    settings: Settings,
) -> None:
    log = settings.warehouse.with_name("warehouse.duckdb.wal")
    with warehouse.held(settings):
        for number in range(2):
            with warehouse.connect(settings) as connection:
                connection.execute("create table if not exists t (i integer)")
                connection.execute("insert into t values (?)", [number])
            assert log.stat().st_size
        with warehouse.held(settings), warehouse.connect(settings, read_only=True) as connection:
            assert connection.execute("select count(*) from t").fetchone() == (2,)
            assert connection.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)
    assert not log.exists()
    with warehouse.connect(settings, read_only=True) as connection:
        assert connection.execute("select sum(i) from t").fetchone() == (1,)


def test_the_warehouse_of_another_home_is_not_held(settings: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    other.home.mkdir()
    with warehouse.held(settings):
        assert warehouse.is_held(settings)
        assert not warehouse.is_held(other)
        with warehouse.connect(other) as connection:
            assert connection.execute("select current_database()").fetchone() == ("warehouse",)
    assert not warehouse.is_held(settings)


@pytest.mark.parametrize("statement", ["from t", "insert into t values (2)"])
def test_what_is_held_is_written_back_beside_whoever_is_at_work(
    settings: Settings, statement: str
) -> None:
    log = settings.warehouse.with_name("warehouse.duckdb.wal")
    with warehouse.held(settings), warehouse.connect(settings) as connection:
        connection.execute("create table t as select 1 as i")
        connection.execute("begin")
        assert log.stat().st_size
        connection.execute(statement)
        with warehouse.written_back(settings):
            """They go on."""
        assert not log.exists()
        connection.execute("commit")
    with warehouse.connect(settings, read_only=True) as connection:
        (rows,) = connection.execute("select count(*) from t").fetchall()[0]
    assert rows == (2 if "insert" in statement else 1)


def test_where_nothing_is_held_nothing_is_written_back(settings: Settings) -> None:
    with warehouse.written_back(settings):
        """The warehouse is not opened."""
    assert not settings.warehouse.exists()
