"""The comparison itself: it must see a difference before it may say that there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from contract.settings import Settings
from tests.conformance.compare import differences
from tests.warehouse.compiled import Models, fill
from tests.warehouse.history import candidate, day, job
from warehouse.publish import publish

Change = Callable[[str], list[str]]
HISTORY = [
    job("j1", day(0)),
    candidate("a", "j1", day(1), status="new", step="Applied", received_at=day(1)),
    candidate("a", "j1", day(9), status="hired", step="Hired", hired_at=day(9)),
    candidate("b", "j1", day(2), status="new", step="Applied", received_at=day(2)),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, models: Models) -> Path:
    settings = Settings(home=tmp_path_factory.mktemp("compared"))
    fill(settings.warehouse, models, HISTORY)
    publish(settings)
    return settings.published


@pytest.fixture
def changed(published: Path, tmp_path: Path) -> Change:
    """The differences to a copy that a statement changed."""

    def change(statement: str) -> list[str]:
        copy = tmp_path / "copy.duckdb"
        shutil.copy(published, copy)
        with duckdb.connect(str(copy)) as connection:
            connection.execute(statement)
        return differences(published, copy)

    return change


def test_a_copy_does_not_differ(changed: Change) -> None:
    assert changed("select 1") == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("drop table stage_visits", "stage_visits"),
        ("alter table applications drop column status", "applications.status"),
        ("alter table jobs alter hired type integer", "jobs.hired"),
        ("delete from applications where candidate_uuid = 'a'", "applications: 2 rows expected"),
        ("update applications set candidate_uuid = 'c' where candidate_uuid = 'a'", "1 keys"),
        ("update jobs set hired = hired + 1", "jobs.hired: 1 rows differ"),
        ("update applications set applied_at = applied_at + to_microseconds(1)", "applied_at: 2"),
        ("update applications set hired_at = null", "applications.hired_at: 1 rows"),
        (
            "update stage_visits set days_in_stage = days_in_stage + 1e-6",
            "stage_visits.days_in_stage",
        ),
        ("update freshness set deliveries = 0", "freshness.deliveries"),
    ],
)
def test_a_difference_is_told(changed: Change, statement: str, told: str) -> None:
    (line,) = [line for line in changed(statement) if told in line][:1]
    assert told in line


def test_a_load_id_and_the_last_digits_of_an_estimate_may_differ(changed: Change) -> None:
    assert changed("update freshness set last_load_id = 'another'") == []
    assert changed("update stage_visits set days_in_stage = days_in_stage * (1 + 1e-12)") == []
