"""The lake holds what a file of one machine holds, for many readers and workers at once."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import duckdb
import psycopg
import pytest
from pydantic import SecretStr

from contract import lake
from contract.settings import Settings
from operations.checks.lake import check
from privacy.export import export
from privacy.forget import forget
from privacy.people import People
from stages import hands, run_sync
from tests.conformance.compare import differences
from tests.conformance.conftest import BUCKET, Home, Lakes, landed
from warehouse import tidy

pytestmark = pytest.mark.postgres
Figures = tuple[int, int]
GUIDE = Path(__file__).parents[2] / "docs" / "ducklake.md"


def sync(settings: Settings, *, full_refresh: bool = False) -> None:
    run_sync(settings, lambda _: None, full_refresh=full_refresh)


def reader(settings: Settings) -> duckdb.DuckDBPyConnection:
    """An analyst's DuckDB, which shares nothing with the worker's."""
    connection = duckdb.connect()
    lake.prepare(connection, settings)
    lake.attach(connection, settings, lake.PUBLISHED, "hiring", read_only=True)
    connection.execute("use hiring")
    return connection


def figures(connection: duckdb.DuckDBPyConnection) -> Figures:
    """Deliveries and applications, of one snapshot."""
    row = connection.execute(
        "select deliveries, (select count(*) from applications) from freshness"
    ).fetchone()
    assert row
    return row[0], row[1]


@pytest.fixture(scope="module")
def home(lakes: Lakes, new_home: Home, batches: list[Path]) -> Settings:
    """A home in a lake, with most of the batches synced."""
    settings = lakes.settings(new_home("shared"), "figures")
    landed(settings.home, batches[:5])
    sync(settings)
    return settings


def test_readers_see_whole_runs(home: Settings, batches: list[Path]) -> None:
    seen: list[set[Figures]] = [set(), set()]
    done = Event()

    def read(number: int) -> None:
        with closing(reader(home)) as connection:
            while not done.wait(0.2):
                seen[number].add(figures(connection))

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read, number) for number in range(2)]
        try:
            landed(home.home, batches[5:])
            sync(home)
        finally:
            done.set()
        for one in readers:
            one.result()
    with closing(reader(home)) as connection:
        after = figures(connection)
    assert all(len(mine - {after}) == 1 for mine in seen), "a run was seen half, or none before it"


def test_two_runs_publish_into_lake_and_file_what_one_run_on_a_file_publishes(
    home: Settings, new_home: Home, tmp_path: Path
) -> None:
    alone = new_home("alone")
    shutil.copytree(home.landing, alone / "landing")
    sync(Settings(home=alone))
    assert differences(alone / "hiring.duckdb", home.published) == []
    copied = tmp_path / "copied.duckdb"
    with closing(reader(home)) as connection:
        connection.execute(f"attach '{copied}' as copied; copy from database hiring to copied")
        uncommented = connection.execute(
            "select count(*) from duckdb_columns() where database_name = 'hiring'"
            " and schema_name = 'main' and comment is null"
        ).fetchone()
    assert uncommented == (0,)
    assert differences(alone / "hiring.duckdb", copied) == []


def test_a_run_leaves_files_that_count_and_joins_the_small_ones(home: Settings) -> None:
    with closing(lake.connect(home)) as connection:
        assert files(connection) == counted(connection)
        connection.execute("create table raw.scattered as select 0 as i")
        for number in range(1, tidy.MANY):
            connection.execute(f"insert into raw.scattered select {number}")
        before = counted(connection)
        tidy.tidy(home)
        assert counted(connection) == files(connection) == before - tidy.MANY + 1
        rows = connection.execute("select count(*), sum(i) from raw.scattered").fetchone()
        assert rows == (tidy.MANY, sum(range(tidy.MANY)))
        connection.execute("drop table raw.scattered")


def files(connection: duckdb.DuckDBPyConnection) -> int:
    """Objects below the private lake's prefix."""
    folder = f"s3://{BUCKET}/figures/{lake.PRIVATE}"
    return len(connection.execute(f"from glob('{folder}/**')").fetchall())


def counted(connection: duckdb.DuckDBPyConnection) -> int:
    """Those that the last snapshot needs."""
    row = connection.execute(
        "select sum(file_count + delete_file_count) from ducklake_table_info('warehouse')"
    ).fetchone()
    assert row
    return int(row[0])


def test_an_analysts_role_reads_what_is_published_and_nothing_else(
    home: Settings, lakes: Lakes
) -> None:
    (grants,) = re.findall(r"```sql\n(create role.*?)```", GUIDE.read_text(), re.DOTALL)
    address = f"{lakes.postgres}/figures"
    with psycopg.connect(address, autocommit=True) as session:
        session.execute(grants.replace("NAME", "figures").replace("WORKER", "postgres").encode())
    mine = SecretStr(address.replace("postgres@", "analyst@"))
    analyst = home.model_copy(update={"lake_catalog": mine})
    with closing(reader(analyst)) as connection:
        assert figures(connection)[1] > 10
        with pytest.raises(duckdb.Error):
            connection.execute("delete from applications")
    with closing(duckdb.connect()) as connection:
        lake.prepare(connection, analyst)
        with pytest.raises(lake.LakeUnreachable):
            lake.attach(connection, analyst, lake.PRIVATE, "private", read_only=True)
    with psycopg.connect(mine.get_secret_value(), autocommit=True) as session:
        for table in ("ducklake_file_column_stats", "ducklake_table"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(f"select * from {lake.PRIVATE}.{table}".encode())


def test_an_erasure_leaves_nothing_in_the_lake_and_proves_it(home: Settings, lakes: Lakes) -> None:
    gone, tools = a_candidate(home), hands(home, lambda _: None)
    held = export(home, gone, tools.quarantine)["tables"]
    assert {"hiring_private raw.candidate_events", "hiring.duckdb main.applications"} <= set(held)
    erasure = forget(home, People.of([gone], []), tools)
    assert {"lake hiring_private files", "lake hiring_private catalog"} <= set(erasure.found)
    assert {"lake hiring files"} <= set(erasure.found)
    assert erasure.is_proven, erasure.lines_of_text()
    assert erasure.proof
    assert {"lake's files", "lake's catalog"} <= set(erasure.proof.controls)
    assert erasure.proof.looked["lake hiring_private files"] > 100
    with closing(reader(home)) as connection:
        left = "select count(*) from applications where candidate_uuid = ?"
        assert connection.execute(left, [gone]).fetchone() == (0,)
    assert not list(lakes.objects.glob("figures/hiring_control/**/*.parquet"))


def test_doctor_says_whether_catalog_and_store_answer(home: Settings) -> None:
    away = SecretStr("postgresql://postgres@127.0.0.1:1/figures")
    for change, is_ok, told in (
        ({}, True, "answer"),
        ({"lake_catalog": away}, False, "HIRING_LAKE_CATALOG"),
        ({"s3_secret": SecretStr("wrong")}, False, "HIRING_LAKE_DATA"),
    ):
        (found,) = check(home.model_copy(update=change), {})
        assert found.ok is is_ok
        assert told in found.what
        assert "127.0.0.1" not in found.what


def a_candidate(settings: Settings) -> str:
    with closing(reader(settings)) as connection:
        row = connection.execute("select max(candidate_uuid) from applications").fetchone()
    assert row
    return str(row[0])
