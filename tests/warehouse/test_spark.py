"""What a Spark cluster leaves becomes the published file. The cluster itself is tried by
`make campaign PART=conformance`: here DuckDB writes the files in its place."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest

from contract import files
from contract.settings import Settings
from tests.conformance.compare import differences
from tests.warehouse.compiled import Models, fill
from tests.warehouse.history import candidate, created, day, job, reader
from warehouse import build, handover, runner
from warehouse.publish import publish

HISTORY = [
    job("j", day(0), title="Chef", published_at=day(0)),
    created("c1", "j", day(1), status="new", step="Applied"),
    candidate("c1", "j", day(3), status="new", step="Interview"),
    candidate("c1", "j", day(5), status="hired", step="Interview"),
    created("c2", "j", day(2), status="new", step="Applied"),
    ("loaded_segments", {"slot": "w0", "seq": 1, "rows": 5}),
]
OURS = ("est_", "new_loads", "int_touched")  # of DuckDB alone


@pytest.fixture
def here(tmp_path: Path, models: Models) -> Settings:
    """A home in which DuckDB built and published HISTORY."""
    settings = Settings(home=tmp_path / "here")
    settings.home.mkdir()
    fill(settings.warehouse, models, HISTORY)
    publish(settings)
    return settings


@pytest.fixture
def there(here: Settings, tmp_path: Path) -> Settings:
    """A home with the raw tables of `here` as files."""
    settings = Settings(home=tmp_path / "there", engine="spark")
    notes = files.folder(settings) / files.LOADS
    notes.mkdir(parents=True)
    (notes / "occupop__1.jsonl").write_text('{"load_id":"1","status":0}\n')
    export(here, "raw", files.folder(settings), but=("_dlt_",))
    return settings


def export(here: Settings, schema: str, folder: Path, but: tuple[str, ...]) -> None:
    with duckdb.connect(str(here.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = ?", [schema]
        ).fetchall()
        for (name,) in tables:
            if not name.startswith(but):
                (folder / name).mkdir(parents=True)
                connection.execute(
                    f"copy {schema}.{name} to '{folder / name}/part-0.parquet' (format parquet)"
                )


def built_there(here: Settings, there: Settings, name: str) -> Path:
    folder = there.spark / "models" / name
    export(here, "main", folder / "main.db", but=(*OURS, *handover.ESTIMATES))
    return folder


def test_its_tables_are_published_as_those_of_duckdb(here: Settings, there: Settings) -> None:
    handover.hand_over(there, built_there(here, there, "a"), "models=1")
    publish(there)
    assert differences(here.published, there.published) == []
    rows = reader(there.published)("select count(*) as n from applications")
    assert rows == [{"n": 2}]


def test_tables_change_at_once_and_the_former_go(here: Settings, there: Settings) -> None:
    first = built_there(here, there, "a")
    handover.hand_over(there, first, "models=1")
    killed = built_there(here, there, "killed")
    publish(there)  # a build that was killed changes nothing
    handover.sweep(there.spark / "models", handover.current(there.warehouse))
    assert first.exists()
    assert not killed.exists()
    second = built_there(here, there, "b")
    handover.hand_over(there, second, "models=1")
    assert not first.exists()
    assert handover.current(there.warehouse) == "b"


def test_loads_that_came_later_are_new(here: Settings, there: Settings) -> None:
    handover.hand_over(there, built_there(here, there, "a"), "models=1")
    assert handover.new_loads(there.warehouse) == 0
    note = files.folder(there) / files.LOADS / "occupop__2.jsonl"
    note.write_text('{"load_id":"2","status":0}\n')
    assert handover.new_loads(there.warehouse) == 1


def test_without_pyspark_the_failure_says_how_to_install_it(
    there: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(runner.BuildFailed, match=r"pip install 'occupop-hiring\[spark\]'"):
        build.build(there)
    assert not there.warehouse.exists()


@pytest.mark.parametrize("between", ["", "  Runtime Error\n"])
def test_an_error_of_spark_is_named_by_its_condition_and_no_value(between: str) -> None:
    text = f"Runtime Error in model int_visits (models/int_visits.sql)\n{between}    "
    value = "The value 'ann@example.com'\n[ANN] cannot be cast"
    assert runner._kind(f"{text}[CAST_INVALID_INPUT] {value}") == "CAST_INVALID_INPUT"
    assert runner._kind(f"{text}{value}") == "Runtime Error"
