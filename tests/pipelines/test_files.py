"""Raw tables as files: the same loads exactly once, whatever a killed run left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract import files, raw
from contract.settings import Settings
from pipelines.summary import Summary
from pipelines.sync import sync
from tests.pipelines.conftest import Zone
from tests.pipelines.test_sync import nothing

Event = Callable[..., dict[str, Any]]


class Folder(Zone):
    """A landing zone whose raw tables are files."""

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, engine="spark")

    @property
    def root(self) -> Path:
        return files.folder(self.settings)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            files.views(connection, self.root)
            return connection.sql(sql).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def run(folder: Folder, **options: Any) -> Summary:
    return sync(folder.settings, build=nothing, publish=nothing, **options)


def uuids(folder: Folder) -> list[str]:
    return [uuid for (uuid,) in folder.rows("select uuid from raw.candidate_events order by uuid")]


def last_load(folder: Folder) -> Path:
    return max((folder.root / files.LOADS).glob("*.jsonl"))


def test_what_is_sealed_is_loaded_once(folder: Folder, event: Event) -> None:
    folder.land(event(uuid="a"), event("JobResource_created", uuid="j"))
    first = run(folder)
    folder.land(event(uuid="b"))
    second = run(folder)
    third = run(folder)
    assert (first.events, second.events, third.events) == (2, 1, 0)
    assert uuids(folder) == ["a", "b"]
    assert third.watermark == {"w0": 2}
    assert not folder.settings.warehouse.exists()


def test_an_empty_home_gets_every_raw_table_and_lacks_nothing_afterwards(folder: Folder) -> None:
    run(folder)
    assert run(folder).notes == []
    for name, table in raw.TABLES.items():
        found = [column for column, *_ in folder.rows(f"describe raw.{name}")]
        assert found == [*table.column_names(), "_dlt_load_id"]


def test_a_load_without_its_note_is_swept_and_loaded_again(folder: Folder, event: Event) -> None:
    folder.land(event(uuid="a"))
    run(folder)
    folder.land(event(uuid="b"))
    run(folder)
    last_load(folder).unlink()  # killed after the rows, before the note
    assert run(folder).events == 1
    assert uuids(folder) == ["a", "b"]
    assert len(list((folder.root / "candidate_events").glob("*.parquet"))) == 2


def test_torn_files_of_a_killed_load_stop_no_run(folder: Folder, event: Event) -> None:
    folder.land(event(uuid="a"))
    run(folder)
    (folder.root / "candidate_events" / "9.5.x.parquet").write_bytes(b"PAR1")
    (folder.root / files.LOADS / "occupop__9.5.jsonl.tmp").write_bytes(b'{"load_')
    folder.land(event(uuid="b"))
    assert run(folder).events == 1
    assert uuids(folder) == ["a", "b"]


def test_a_run_killed_when_it_had_made_the_folder_is_finished(folder: Folder, event: Event) -> None:
    folder.root.mkdir(parents=True)
    folder.land(event(uuid="a"))
    assert run(folder).events == 1


def test_relanded_lines_are_left_out(folder: Folder, event: Event) -> None:
    folder.land(event(uuid="a"), slot="land", event_id="e1")
    run(folder)
    folder.land(event(uuid="a"), slot="land", event_id="e1")
    run(folder)
    assert folder.rows("select event_id from raw.candidate_events") == [("e1",)]


def test_a_full_refresh_loads_all_anew(folder: Folder, event: Event) -> None:
    folder.land(event(uuid="a"))
    run(folder)
    before = last_load(folder)
    assert run(folder, full_refresh=True).events == 1
    assert uuids(folder) == ["a"]
    assert not before.exists()


def test_what_another_version_did_not_load_is_added_and_said(
    folder: Folder, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.land(event(uuid="a"))
    run(folder)
    rows = folder.root / "loaded_segments"
    for path in rows.glob("*.parquet"):
        with duckdb.connect() as connection:
            old = connection.sql(f"select * exclude (format) from '{path}'").to_arrow_table()
            connection.from_arrow(old).write_parquet(str(path))
    assert "loaded_segments.format added" in "".join(run(folder).notes)
    assert run(folder).notes == []
    assert uuids(folder) == ["a"]
