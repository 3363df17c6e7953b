"""What dbt parsed is kept from home to home: what that spares, and when it is not used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from contract.settings import Settings
from tests.warehouse.history import Raw, candidate, created, day, reader
from warehouse import parsed
from warehouse.build import build
from warehouse.mappings import SHIPPED

OUTCOMES = "select candidate_uuid, outcome from int_applications order by 1"
ROWS = [created("c1", "j", day(0), status="new"), candidate("c1", "j", day(1), status="hired")]


HARMS: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "flipped": lambda path: path.write_bytes(path.read_bytes().replace(b"nodes", b"modes")),
    "emptied": lambda path: path.write_bytes(b""),
    "of another user": lambda path: os.chown(path, 12345, -1),
    "open to others": lambda path: path.chmod(0o666),
}


@pytest.fixture
def home(tmp_path: Path) -> Callable[[str], Settings]:
    """Makes a home with raw tables by its name."""

    def made(name: str) -> Settings:
        settings = Settings(home=tmp_path / name)
        settings.home.mkdir()
        Raw(settings.warehouse).load("1", ROWS)
        return settings

    return made


def outcome(settings: Settings) -> str:
    build(settings)
    [row] = reader(settings.warehouse)(OUTCOMES)
    return str(row["outcome"])


def has_parsed(settings: Settings) -> bool:
    return (settings.state / "dbt" / "target" / "partial_parse.msgpack").is_file()


def test_a_second_home_is_built_by_what_the_first_parsed_with_mappings_of_its_own(
    home: Callable[[str], Settings], cache: Path
) -> None:
    first, second = home("first"), home("second")
    second.config.mkdir()
    own = second.config / "status_outcomes.csv"
    own.write_text("status,outcome\nnew,open\nhired,rejected\n")
    assert (outcome(first), has_parsed(first)) == ("hired", True)
    assert (outcome(second), has_parsed(second)) == ("rejected", False)
    [kept] = cache.iterdir()
    assert str(first.home).encode() not in kept.read_bytes()
    # dbt writes what it seeded beside, and not over, the mappings.
    seeded = first.state / "dbt" / "seeds" / "status_outcomes.csv"
    assert seeded.read_text() == (SHIPPED / "status_outcomes.csv").read_text()


@pytest.mark.root
@pytest.mark.parametrize("harm", HARMS)
def test_what_is_damaged_or_not_the_users_own_is_not_read(cache: Path, harm: str) -> None:
    parsed.keep("kept", Manifest())
    [kept] = cache.iterdir()
    assert parsed.read("kept")
    HARMS[harm](kept)
    assert parsed.read("kept") is None
    parsed.keep("kept", Manifest())
    assert parsed.read("kept")


def test_without_a_cache_folder_a_home_keeps_its_own_parse(
    home: Callable[[str], Settings], cache: Path
) -> None:
    cache.parent.write_text("a file where the folder would be")
    settings = home("alone")
    assert (outcome(settings), has_parsed(settings)) == ("hired", True)


def test_each_file_version_engine_and_setting_has_a_parse_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "a.sql"
    model.write_text("select 1")
    monkeypatch.setattr(parsed, "PROJECT", tmp_path)
    keys = [parsed.key("duckdb", {}), parsed.key("ducklake", {})]
    keys.append(parsed.key("duckdb", {"timezone": "Europe/Dublin"}))
    model.write_text("select 2")
    keys.append(parsed.key("duckdb", {}))
    model.rename(tmp_path / "models" / "b.sql")
    keys.append(parsed.key("duckdb", {}))
    monkeypatch.setattr(parsed, "version", lambda _: "0")
    keys.append(parsed.key("duckdb", {}))
    assert len(set(keys)) == len(keys)


def test_the_newest_parses_are_kept(cache: Path) -> None:
    cache.mkdir(parents=True)
    for age in range(20):
        old = cache / f"{age}.dbt"
        old.write_bytes(b"")
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    parsed.keep("new", Manifest())
    assert {path.name for path in cache.iterdir()} == {
        "new.dbt",
        *(f"{age}.dbt" for age in range(7)),
    }
