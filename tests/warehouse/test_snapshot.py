"""What is published anew begins with what was published, when only touched rows differ."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from contract import tombstones, twice
from contract.settings import Settings
from tests.warehouse.compiled import Load, all_marts
from tests.warehouse.history import Raw, candidate, created, day, insert_load, reader
from warehouse import snapshot
from warehouse.build import build
from warehouse.publish import publish

PEOPLE = 10
Statuses = dict[str, str]
Change = Callable[[], None]


@pytest.fixture(autouse=True)
def patched_however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "SMALL", 0)
    monkeypatch.setattr(snapshot, "UNSORTED_SHARE", 2.0)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose first load is built: ten candidates, each in a job, four of them from a fair."""
    home = Settings(home=tmp_path_factory.mktemp("first"))
    people = [
        created(f"c{n}", f"j{n}", day(n), status="new", step="Applied", source_name=_source(n))
        for n in range(PEOPLE)
    ]
    Raw(home.warehouse).load("1", people)
    build(home)
    return home


def _source(number: int) -> str:
    return "Fair" if number < 4 else "board"


@pytest.fixture(scope="module")
def second(first: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same home with another load, about c9; rows of all others were altered between."""
    folder = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(first.home, folder)
    home = Settings(home=folder)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update applications set status = 'altered'")
    _load(home, [candidate("c9", "j9", day(20), status="hired", source_name="board")])
    return home


@pytest.fixture
def home(first: Settings, tmp_path: Path) -> Settings:
    """A copy of the first, published."""
    shutil.copytree(first.home, tmp_path / "home")
    copy = Settings(home=tmp_path / "home")
    publish(copy)
    return copy


@pytest.fixture
def touched(home: Settings, second: Settings) -> Change:
    """Builds the second load. Since all else was altered, what a publication writes will show."""

    def change() -> None:
        shutil.copyfile(second.warehouse, home.warehouse)

    return change


def _load(home: Settings, load: Load) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        (loads,) = connection.execute("select count(*) from raw._dlt_loads").fetchall()[0]
        insert_load(connection, str(loads + 1), load)
    build(home)


def _statuses(home: Settings) -> Statuses:
    rows = reader(home.published)("select candidate_uuid, status from applications")
    return {row["candidate_uuid"]: row["status"] for row in rows}


def _is_whole(home: Settings) -> bool:
    return "altered" in _statuses(home).values()


def test_of_what_was_published_only_touched_rows_are_written(
    home: Settings, touched: Change
) -> None:
    touched()
    publication = publish(home)
    assert _statuses(home) == {f"c{n}": "new" for n in range(PEOPLE)} | {"c9": "hired"}
    assert publication.tables["applications"] == PEOPLE


def test_the_file_to_begin_with_is_copied_while_models_are_built(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: object) -> None:
        raise AssertionError("copied again")

    (home.state / "published-1-2.duckdb.tmp").touch()  # a run that was killed left it
    _load(home, [candidate("c9", "j9", day(20), status="hired", step="Applied")])
    assert [path.stat().st_size for path in home.state.glob("published-*")] == [
        home.published.stat().st_size
    ]
    monkeypatch.setattr(shutil, "copyfile", again)
    publish(home)
    assert _patched(home)["applications"] == 1
    assert _statuses(home)["c9"] == "hired"
    assert not list(home.state.glob("published-*"))


def test_a_disk_too_full_for_the_copy_ahead_is_left_as_it_was(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    copyfile = shutil.copyfile

    def full(source: Path, to: Path) -> None:
        if source == home.published:
            raise OSError("no space left")
        copyfile(source, to)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(shutil, "copyfile", full)
        _load(home, [candidate("c9", "j9", day(20), status="hired", step="Applied")])
    assert not list(home.state.glob("published-*"))
    publish(home)
    assert _statuses(home)["c9"] == "hired"


def test_comments_stand_in_a_file_that_began_as_a_copy(home: Settings, touched: Change) -> None:
    touched()
    publish(home)
    query = reader(home.published)
    assert not _is_whole(home)
    assert query("select 1 from duckdb_tables() where comment is null") == []
    assert query("select 1 from duckdb_columns() where not internal and comment is null") == []


def test_a_source_that_enough_share_by_now_is_named_in_rows_that_no_load_touched(
    home: Settings,
) -> None:
    """And where its name is spelled lower, too; where a fifth leaves it, it is named no longer."""
    names = "select source_name, count(*) as n from applications group by 1 order by 1"
    query = reader(home.published)
    assert [tuple(row.values()) for row in query(names)] == [("board", 6), ("other", 4)]
    _load(home, [created("new", "other", day(20), status="new", source_name="FAIR")])
    publish(home)
    assert [tuple(row.values()) for row in query(names)] == [("FAIR", 5), ("board", 6)]
    _load(home, [candidate("new", "other", day(21), status="new", source_name="board")])
    publication = publish(home)
    assert [tuple(row.values()) for row in query(names)] == [("board", 7), ("other", 4)]
    assert publication.tables["applications"] == PEOPLE + 1


def test_a_table_of_which_much_was_touched_is_written_whole_and_sorted(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "UNSORTED_SHARE", 1 / PEOPLE)
    query = reader(home.published)
    orders = []
    for number in range(2):
        _load(home, [candidate("c5", "j5", day(30 + number), status="hired", step="Applied")])
        publish(home)
        orders.append([row["job_uuid"] for row in query("select job_uuid from applications")])
    in_order = sorted(orders[0])
    assert [order == in_order for order in orders] == [False, True]


def test_a_file_of_which_much_is_free_is_written_whole(
    home: Settings, touched: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "FREE_BLOCKS", 0)
    monkeypatch.setattr(snapshot, "FREE_SHARE", -1)
    touched()
    publish(home)
    assert _is_whole(home)


def test_small_tables_are_always_sorted(
    home: Settings, touched: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SMALL", PEOPLE)
    touched()
    publish(home)
    assert _is_whole(home)
    rows = reader(home.published)("select job_uuid, candidate_uuid from applications")
    keys = [tuple(row.values()) for row in rows]
    assert keys == sorted(keys)


@pytest.fixture(params=["erased", "rebuilt", "replaced", "written into", "noted badly", "torn"])
def doubt(request: pytest.FixtureRequest, home: Settings, touched: Change) -> str:
    """A reason for which the next file can't begin with a copy of the published one."""
    before = home.published.with_name("before")
    shutil.copy2(home.published, before)
    touched()
    if request.param == "erased":
        twice.write(home.home, tombstones.KIND, "1.json", b"{}")
    elif request.param == "rebuilt":
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute("update built_by set build = uuid()")
    elif request.param == "replaced":
        before.replace(home.published)
    elif request.param == "written into":
        with duckdb.connect(str(home.published)) as connection:
            connection.execute("update applications set status = 'by hand'")
    elif request.param == "noted badly":
        (home.state / "published.json").write_text("{")
    else:
        _tear(home.published)
    return str(request.param)


def _tear(file: Path) -> None:
    """Its blocks are gone, though it looks the same from outside."""
    times = file.stat()
    with file.open("r+b") as opened:
        opened.seek(3 * 4096)
        opened.write(bytes(times.st_size - 3 * 4096))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_in_doubt_the_file_is_written_whole(home: Settings, doubt: str) -> None:
    publish(home)
    assert _is_whole(home), doubt
    assert all_marts(reader(home.published)) == all_marts(reader(home.warehouse))


def test_the_file_after_a_whole_one_begins_with_it_again(home: Settings, touched: Change) -> None:
    touched()
    (home.state / "published.json").unlink()
    publish(home)
    assert _patched(home)["applications"] == 0
    _load(home, [candidate("c8", "j8", day(22), status="hired", step="Applied")])
    publish(home)
    assert _patched(home)["applications"] == 1
    assert all_marts(reader(home.published)) == all_marts(reader(home.warehouse))


def _patched(home: Settings) -> dict[str, int]:
    known: dict[str, Any] = orjson.loads((home.state / "published.json").read_bytes())
    return dict(known["patched"])


AGAIN_AND_AGAIN = """
import sys
from pathlib import Path
from contract.settings import Settings
from warehouse import snapshot
from warehouse.publish import publish
snapshot.SMALL, snapshot.UNSORTED_SHARE = 0, 2.0
print(flush=True)
while True:
    publish(Settings(home=Path(sys.argv[1])))
"""


def test_killed_at_any_instant_a_publication_leaves_the_former_file_or_the_new_one(
    home: Settings,
) -> None:
    former = all_marts(reader(home.published))
    _load(home, [candidate("c8", "j8", day(22), status="hired", step="Applied")])
    new = all_marts(reader(home.warehouse))
    assert former != new
    draw, found = random.Random(1), []
    for _ in range(6):
        _kill_a_publisher(home, draw.uniform(0, 0.6))
        found.append(all_marts(reader(home.published)))
    assert all(one in (former, new) for one in found)
    publish(home)
    assert all_marts(reader(home.published)) == new
    assert sorted(path.name for path in home.home.glob("hiring.*")) == ["hiring.duckdb"]


def _kill_a_publisher(home: Settings, after: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", AGAIN_AND_AGAIN, str(home.home)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(after)
        assert child.poll() is None
        child.kill()
