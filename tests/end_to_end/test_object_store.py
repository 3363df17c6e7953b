"""The golden day through an object store, by the real commands: the figures are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaign.objects import ObjectServer
from contract import durable
from contract.settings import Settings
from shipping.store import Store
from tests.end_to_end.conftest import DAY, Done, Run
from tests.end_to_end.test_golden_day import published


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    with ObjectServer() as running:
        yield running


@pytest.fixture(scope="module")
def given(server: ObjectServer) -> dict[str, str]:
    return server.settings("zone")


@pytest.fixture(scope="module")
def store(given: dict[str, str]) -> Store:
    return Store(Settings.model_validate(given))


@pytest.fixture(scope="module")
def host(
    tmp_path_factory: pytest.TempPathFactory,
    given: dict[str, str],
    run_in: Callable[..., Done],
) -> Callable[..., tuple[Path, Run]]:
    """host(name): a home that ships to the store, and its commands."""

    def made(name: str, **more: str) -> tuple[Path, Run]:
        home = tmp_path_factory.mktemp(name) / "home"
        durable.write(home / "secrets" / "person_key", [b"golden person key, 32 bytes long"])
        lines = [f"HIRING_{key.upper()}={value}\n" for key, value in (given | more).items()]
        (home / ".env").write_text("".join(lines))

        def run(*arguments: str, status: int | None = 0) -> Done:
            done = run_in(home, *arguments)
            assert status in (None, done.returncode), done.stderr + done.stdout
            return done

        return home, run

    return made


@pytest.fixture(scope="module")
def reader(host: Callable[..., tuple[Path, Run]], tmp_path_factory: Any) -> tuple[Path, Run]:
    """The day, landed half and half by two receiving hosts, and synced by a third home."""
    lines = DAY.read_bytes().splitlines(keepends=True)
    folder = tmp_path_factory.mktemp("halves")
    for name, half in (("a", lines[::2]), ("b", lines[1::2])):
        (folder / name).write_bytes(b"".join(half))
        _, run = host(name, slot_host=name)
        assert "shipped" in run("land", str(folder / name)).stderr
    home, run = host("reader")
    run("sync")
    return home, run


def test_the_tables_of_two_hosts_and_a_store_are_those_of_one_home_without(
    reader: tuple[Path, Run], synced: tuple[Path, dict[str, Any]]
) -> None:
    found, alone = published(reader[0]), published(synced[0])
    found.pop("freshness"), alone.pop("freshness")  # holds the load id of the run
    assert found == alone


def test_status_and_doctor_tell_of_the_store(
    reader: tuple[Path, Run], server: ObjectServer
) -> None:
    _, run = reader
    status = json.loads(run("status", "--json", status=None).stdout)
    assert status["shipping"]["waiting_batches"] == 0
    assert status["ledger"]["unexplained"] == 0
    assert "not shipped yet" in run("status", status=None).stdout
    found = json.loads(run("doctor", "--json", status=None).stdout)["findings"]
    assert [one["ok"] for one in found if one["check"] == "store"] == [True, True]
    assert all(one["ok"] for one in found if one["check"] in ("landing", "formats", "home"))
    server.gate.shut()
    found = json.loads(run("doctor", "--json", status=1).stdout)["findings"]
    assert [one["ok"] for one in found if one["check"] == "store"] == [False, True]
    failed = run("sync", status=1)
    assert "hiring doctor" in failed.stderr
    server.gate.open()


def test_ship_tells_what_it_did_and_needs_an_address(
    reader: tuple[Path, Run], run_in: Callable[..., Done], tmp_path: Path
) -> None:
    assert json.loads(reader[1]("ship", "--json").stdout)["batches"] == 0
    refused = run_in(tmp_path, "ship")
    assert (refused.returncode, "HIRING_LANDING_URL" in refused.stderr) == (2, True)


def test_an_erasure_reaches_the_store_and_is_proven_there(
    reader: tuple[Path, Run], store: Store
) -> None:
    _, run = reader
    line = next(line for line in DAY.read_bytes().splitlines() if b"CandidateResource" in line)
    uuid = json.loads(line)["resource_uuid"]
    assert uuid.encode() in everything(store)
    done = json.loads(run("forget", "--candidate", uuid, "--json").stdout)
    assert done["is_proven"]
    assert done["proof"]["store"]["objects"] > 0
    assert {name for name, n in done["proof"]["store"].items() if n} == {"objects", "bytes"}
    assert uuid.encode() not in everything(store)


def everything(store: Store) -> bytes:
    return b"".join(store.get(one.path) or b"" for one in store.objects())
