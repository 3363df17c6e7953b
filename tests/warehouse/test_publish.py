"""Publishing: a whole new file by rename, described, pseudonymous, and refused beside danger."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest

from contract import raw
from contract.settings import Settings
from tests.warehouse.compiled import Models, fill
from tests.warehouse.history import Raw, created, day, job, reader
from warehouse.descriptions import marts
from warehouse.publish import PublishFailed, publish

COLUMNS = "select table_name, column_name, comment from duckdb_columns() where not internal"
PERSONAL = [c.name for t in raw.TABLES.values() for c in t.columns if c.personal]


@pytest.fixture(scope="module")
def home(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A built home of one candidate whose every personal column is marked."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    personal = {
        c.name: f"planted {c.name}" for c in raw.TABLES["candidate_events"].columns if c.personal
    }
    fill(
        settings.warehouse,
        models,
        [
            created("c2", "j", day(0), event_id="e1", status="new", step="Applied", **personal),
            created("c1", "j", day(0), status="new", step="Applied"),
            ("candidate_event_answers", {"event_id": "e1", "position": 1, "answer": "planted"}),
            ("other_events", {"body": '{"planted": 1}', "landed_at": day(0)}),
            job("j", day(0), title="A"),
        ],
    )
    return settings


def test_every_published_table_and_column_has_its_comment(home: Settings) -> None:
    published = publish(home)
    query = reader(home.published)
    tables = query("select table_name, comment from duckdb_tables()")
    assert {t["table_name"] for t in tables} == set(published.tables)
    assert all(t["comment"] for t in tables)
    columns = query(COLUMNS)
    assert [c for c in columns if not c["comment"]] == []
    assert {(c["table_name"], c["column_name"]) for c in columns} == {
        (mart.name, name) for mart in marts() for name in mart.columns
    }


def test_no_column_that_a_mart_has_is_undescribed(home: Settings) -> None:
    query = reader(home.warehouse)
    for mart in marts():
        columns = query(f"select column_name from (describe main.{mart.name})")
        assert {c["column_name"] for c in columns} == set(mart.columns), mart.name


def test_no_personal_value_is_published(home: Settings) -> None:
    publish(home)
    query = reader(home.published)
    names = {c["column_name"] for c in query(COLUMNS)}
    assert names & (set(PERSONAL) - {"source_name"}) == set()
    for mart in marts():
        assert query(f"select 1 from {mart.name} as t where contains(t::varchar, 'planted')") == []


def test_tables_are_sorted_by_their_grain_which_is_a_key(home: Settings) -> None:
    publish(home)
    query = reader(home.published)
    for mart in marts():
        key = ", ".join(mart.grain)
        rows = query(f"select {key} from {mart.name}")
        assert rows == query(f"select {key} from {mart.name} order by {key}"), mart.name
        assert query(f"select {key} from {mart.name} group by all having count(*) > 1") == []


def test_the_file_is_for_its_group_and_clients_of_1_4_open_it(home: Settings) -> None:
    publication = publish(home)
    state = home.published.stat()
    assert stat.S_IMODE(state.st_mode) == 0o640
    assert state.st_size == publication.bytes
    assert reader(home.published)(
        "select tags['storage_version'] as v from duckdb_databases() where database_name = 'hiring'"
    ) == [{"v": "v1.4.0+"}]
    assert sorted(p.name for p in home.home.glob("hiring.duckdb*")) == ["hiring.duckdb"]


def test_a_reader_keeps_its_view_while_the_next_file_takes_the_name(home: Settings) -> None:
    publish(home)
    with duckdb.connect(str(home.published), read_only=True) as old:
        before = home.published.stat().st_ino
        publish(home)
        assert home.published.stat().st_ino != before
        assert old.execute("select count(*) from applications").fetchone() == (2,)


def test_leftovers_of_a_killed_run_are_swept(home: Settings) -> None:
    for suffix in (".tmp", ".tmp.wal"):
        Path(f"{home.published}{suffix}").write_bytes(b"torn")
    publish(home)
    assert sorted(p.name for p in home.home.glob("hiring.duckdb*")) == ["hiring.duckdb"]


def test_publishing_beside_a_stale_log_is_refused_and_the_old_file_stands(home: Settings) -> None:
    publish(home)
    before = home.published.stat().st_ino
    wal = Path(f"{home.published}.wal")
    wal.write_bytes(b"stale")
    try:
        with pytest.raises(PublishFailed, match=r"hiring\.duckdb\.wal stands beside"):
            publish(home)
    finally:
        wal.unlink()
    assert home.published.stat().st_ino == before


def test_an_unknown_group_is_refused_and_nothing_is_left(home: Settings) -> None:
    publish(home)
    before = home.published.stat().st_ino
    with pytest.raises(PublishFailed, match="HIRING_ANALYST_GROUP"):
        publish(home.model_copy(update={"analyst_group": "no-such-group"}))
    assert home.published.stat().st_ino == before
    assert sorted(p.name for p in home.home.glob("hiring.duckdb*")) == ["hiring.duckdb"]


def test_an_unbuilt_warehouse_is_not_published(settings: Settings, fresh_raw: Raw) -> None:
    with pytest.raises(PublishFailed, match="CatalogException"):
        publish(settings)
    assert not settings.published.exists()
