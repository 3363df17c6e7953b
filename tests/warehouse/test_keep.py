"""Kept versions of the published file: how many, how named, and gone after an erasure."""

from __future__ import annotations

import stat
from collections.abc import Callable

import duckdb
import pytest

from contract import twice, versions
from contract.settings import Settings
from tests.warehouse.compiled import Models, fill
from tests.warehouse.history import created, day, reader
from warehouse.publish import publish

Publish = Callable[..., None]


@pytest.fixture
def publish_day(settings: Settings, models: Models) -> Publish:
    """Publishes a warehouse of one candidate, landed on that day."""

    fill(settings.warehouse, models, [created("c", "j", day(0))])

    def made(number: int, kept: int = 2) -> None:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute("update freshness set as_of = ?", [day(number)])
            connection.execute("update applications set status = ?", [f"day {number}"])
        publish(settings.model_copy(update={"kept_versions": kept}))

    return made


def names(settings: Settings) -> list[str]:
    return [path.name for path in versions.kept(settings.home)]


def test_the_last_versions_are_kept_by_their_as_of_and_older_ones_go(
    settings: Settings, publish_day: Publish
) -> None:
    for number in (0, 1, 2, 2):
        publish_day(number)
    assert names(settings) == [
        "hiring-20260102T000000000000Z.duckdb",
        "hiring-20260103T000000000000Z.duckdb",
    ]
    former, now = versions.kept(settings.home)
    assert reader(former)("select status from applications") == [{"status": "day 1"}]
    assert now.stat().st_ino == settings.published.stat().st_ino
    assert stat.S_IMODE(former.stat().st_mode) == 0o640
    assert stat.S_IMODE(former.parent.stat().st_mode) == 0o750
    assert sorted(p.name for p in former.parent.iterdir()) == ["erasures", *names(settings)]


def test_a_version_as_of_an_earlier_time_is_kept_when_it_is_the_published_one(
    settings: Settings, publish_day: Publish
) -> None:
    for number in (5, 6, 1):
        publish_day(number)
    assert [name[7:15] for name in names(settings)] == ["20260102", "20260107"]


def test_no_version_outlives_an_erasure_or_the_wish_to_keep_any(
    settings: Settings, publish_day: Publish
) -> None:
    for number in (0, 1):
        publish_day(number)
    twice.write(settings.home, "tombstones", "erasure-1.json", b"{}")
    publish_day(2)
    assert [name[7:15] for name in names(settings)] == ["20260103"]
    publish_day(3, kept=0)
    assert names(settings) == []


def test_what_a_killed_publication_left_is_swept(settings: Settings, publish_day: Publish) -> None:
    publish_day(0)
    torn = versions.folder(settings.home) / "hiring-20250101T000000000000Z.duckdb.tmp"
    torn.write_bytes(b"torn")
    publish_day(0)
    assert not torn.exists()
