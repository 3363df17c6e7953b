"""A home that the first version wrote, under the commands of today; and one of a later version."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract import formats
from tests.end_to_end.conftest import Run

FIRST = Path(__file__).parent / "homes" / "format-1.tar.xz"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landed by `serve` and `land`, synced, with one body in quarantine."""
    folder = tmp_path_factory.mktemp("older")
    # Python 3.11 knows filters from its fourth patch on.
    safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(FIRST) as archive:
        archive.extractall(folder, **safely)  # noqa: S202 - an archive of ours
    return folder / "home"


def tables(published: Path) -> dict[str, list[Any]]:
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [row[0] for row in connection.sql("show tables").fetchall()]
        return {
            name: connection.sql(f"from {name} order by all").fetchall()
            for name in names
            if name != "freshness"
        }


def test_an_older_home_is_read_as_it_is_and_renewed_by_the_next_sync(
    home: Path, hiring: Run
) -> None:
    told = json.loads(hiring("status", "--json", status=1).stdout)
    assert (told["ledger"]["landed"], told["ledger"]["loaded"]) == (36, 36)
    assert "run `hiring sync`" in hiring("report", status=1).stderr
    assert formats.published_format(home / "hiring.duckdb") == formats.FIRST
    hiring("sync")
    assert formats.published_format(home / "hiring.duckdb") == formats.PUBLISHED
    renewed = tables(home / "hiring.duckdb")
    hiring("sync", "--full-refresh")
    assert tables(home / "hiring.duckdb") == renewed
    assert len(renewed["applications"]) == 22
    assert json.loads(hiring("quarantine", "list", "--json").stdout)["items"]


@pytest.mark.parametrize(
    "command", [("serve",), ("land", "x.jsonl"), ("sync",), ("report",), ("status",)]
)
def test_a_landing_zone_of_a_later_version_is_refused_by_every_command(
    command: tuple[str, ...], home: Path, hiring: Run
) -> None:
    mark = home / "landing" / "_format"
    before = mark.read_bytes() if mark.exists() else None
    mark.write_text(f"{formats.LANDING + 1}")
    refused = hiring(*command, status=1)
    assert "install the version of hiring that wrote it" in refused.stderr
    mark.write_bytes(before) if before else mark.unlink()


@pytest.mark.parametrize("command", ["sync", "report", "status"])
def test_published_tables_of_a_later_version_are_refused(
    command: str, home: Path, hiring: Run
) -> None:
    published, kept = home / "hiring.duckdb", home / "kept.duckdb"
    published.rename(kept)
    with duckdb.connect(str(published)) as connection:
        connection.execute(f"create table freshness as select {formats.PUBLISHED + 1} as format")
    before = published.read_bytes()
    refused = hiring(command, status=1)
    assert f"knows {formats.PUBLISHED}: install the version" in refused.stderr
    assert published.read_bytes() == before
    kept.replace(published)
