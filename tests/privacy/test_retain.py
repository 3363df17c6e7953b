"""The policy at its edges, on published tables, with the clock given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract.settings import Settings, SettingsError
from privacy.retain import Retention, due, retain
from tests.privacy.conftest import LAST, Home, candidate, put

REJECTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOSED = datetime(2026, 4, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The published columns that the policy goes by, empty."""
    with duckdb.connect(str(tmp_path / "hiring.duckdb")) as connection:
        connection.execute(
            "create table applications (candidate_uuid varchar, job_uuid varchar, outcome varchar,"
            " rejected_at timestamptz, withdrawn_at timestamptz, hired_at timestamptz);"
            "create table jobs (job_uuid varchar, is_closed boolean, company_label_uuid varchar);"
            "create table jobs_history (job_uuid varchar, valid_from timestamptz,"
            " is_closed boolean)"
        )
    return tmp_path


def fill(home: Path, **tables: list[tuple[Any, ...]]) -> None:
    with duckdb.connect(str(home / "hiring.duckdb")) as connection:
        for name, rows in tables.items():
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into {name} values ({marks})", row)


def application(uuid: str, outcome: str, job_uuid: str = "j", **times: datetime) -> tuple[Any, ...]:
    names = ("rejected_at", "withdrawn_at", "hired_at")
    return (uuid, job_uuid, outcome, *(times.get(name) for name in names))


def gone(home: Path, now: datetime, **policy: Any) -> dict[str, str]:
    return {d.candidate_uuid: d.rule for d in due(Settings(home=home, **policy), now)}


def test_without_a_policy_everyone_stays(published: Path) -> None:
    fill(published, applications=[application("a", "rejected", rejected_at=REJECTED)])
    assert gone(published, datetime(2099, 1, 1, tzinfo=UTC)) == {}


@pytest.mark.parametrize(
    ("outcome", "time", "setting"),
    [
        ("rejected", "rejected_at", "retain_rejected_days"),
        ("withdrawn", "withdrawn_at", "retain_rejected_days"),
        ("hired", "hired_at", "retain_hired_days"),
    ],
)
def test_the_time_is_over_to_the_microsecond(
    published: Path, outcome: str, time: str, setting: str
) -> None:
    fill(published, applications=[application("a", outcome, **{time: REJECTED})])
    end = REJECTED + timedelta(days=90)
    assert gone(published, end - TICK, **{setting: 90}) == {}
    assert gone(published, end, **{setting: 90}) == {"a": outcome}


def test_who_was_rejected_and_is_open_again_stays(published: Path) -> None:
    fill(published, applications=[application("a", "open")])
    assert gone(published, datetime(2099, 1, 1, tzinfo=UTC), retain_rejected_days=1) == {}


def test_a_closed_job_counts_from_its_last_closing_and_a_reopened_one_not(published: Path) -> None:
    before, later = CLOSED - timedelta(days=60), CLOSED - timedelta(days=30)
    fill(
        published,
        applications=[application("a", "open"), application("b", "open", "reopened")],
        jobs=[("j", True, None), ("reopened", False, None)],
        jobs_history=[
            ("j", before, True),  # closed, opened again, and closed
            ("j", later, False),
            ("j", CLOSED, True),
            ("j", CLOSED + timedelta(days=3), True),  # its title changed
            ("reopened", before, True),
            ("reopened", later, False),
        ],
    )
    end = CLOSED + timedelta(days=10)
    assert gone(published, end - TICK, retain_closed_days=10) == {}
    assert gone(published, end, retain_closed_days=10) == {"a": "job closed"}


def test_the_hired_stay_when_their_job_closes(published: Path) -> None:
    fill(
        published,
        applications=[application("a", "hired", hired_at=REJECTED)],
        jobs=[("j", True, None)],
        jobs_history=[("j", CLOSED, True)],
    )
    now = datetime(2099, 1, 1, tzinfo=UTC)
    assert gone(published, now, retain_closed_days=1, retain_preset="occupop") == {}


def test_the_preset_counts_from_closed_or_filled(published: Path) -> None:
    hired = application("h", "hired", "filled", hired_at=REJECTED)
    fill(
        published,
        applications=[hired, application("f", "open", "filled"), application("c", "open", "shut")],
        jobs=[("filled", False, None), ("shut", True, None)],
        jobs_history=[("filled", REJECTED, False), ("shut", CLOSED, True)],
    )
    end = REJECTED + timedelta(days=30)
    assert gone(published, end - TICK, retain_preset="occupop") == {}
    assert gone(published, end, retain_preset="occupop") == {"f": "occupop: job filled"}
    end = CLOSED + timedelta(days=30)
    assert gone(published, end, retain_preset="occupop") == {
        "c": "occupop: job closed",
        "f": "occupop: job filled",
    }


def test_a_label_has_days_of_its_own(published: Path) -> None:
    fill(
        published,
        applications=[
            application("a", "rejected", "x", rejected_at=REJECTED),
            application("b", "rejected", "y", rejected_at=REJECTED),
        ],
        jobs=[("x", False, "brand-1"), ("y", False, "brand-2")],
    )
    policy = {"retain_rejected_days": 10, "retain_labels": "brand-1=100"}
    assert gone(published, REJECTED + timedelta(days=10), **policy) == {"b": "rejected"}
    assert set(gone(published, REJECTED + timedelta(days=100), **policy)) == {"a", "b"}


def test_one_application_that_is_not_over_keeps_the_candidate(published: Path) -> None:
    fill(
        published,
        applications=[
            application("a", "rejected", "x", rejected_at=REJECTED),
            application("a", "open", "y"),
        ],
    )
    assert gone(published, datetime(2099, 1, 1, tzinfo=UTC), retain_rejected_days=1) == {}


def test_labels_are_read_from_text_and_wrong_ones_refused() -> None:
    given = Settings.from_environ({"HIRING_RETAIN_LABELS": "a=1, b=20"})
    assert given.retain_labels == (("a", 1), ("b", 20))
    with pytest.raises(SettingsError, match="HIRING_RETAIN_LABELS"):
        Settings.from_environ({"HIRING_RETAIN_LABELS": "a"})


def test_retention_erases_the_candidate_and_not_the_person(filled: Home, tmp_path: Path) -> None:
    """And goes by what has landed, not by what was published some time ago."""
    home = put(filled, tmp_path / "home", retain_rejected_days=30)
    last = {"status": "rejected", "email": "zoe@example.com"}
    home.land(candidate(LAST, updated_at="2026-01-03 09:00:00", **last))
    home.land(candidate("zoe-0002", email="zoe@example.com"))
    now = datetime(2026, 2, 5, tzinfo=UTC)
    would = retain(home.settings, home.hands, now=now, dry_run=True)
    assert would.erasure is None
    assert LAST not in {one.candidate_uuid for one in would.due}
    done = retain(home.settings, home.hands, now=now)
    due = {one.candidate_uuid for one in done.due}
    assert {one.candidate_uuid for one in would.due} == due - {LAST} != due
    assert done.erasure is not None
    assert done.erasure.is_proven, done.lines()
    assert done.erasure.candidates == len(due)
    left = {uuid for (uuid,) in home.published("select candidate_uuid from applications")}
    assert "zoe-0002" in left
    assert not left & due


def test_a_dry_run_lists_who_would_go(published: Path) -> None:
    fill(published, applications=[application("a", "rejected", rejected_at=REJECTED)])
    given = Settings(home=published, retain_rejected_days=90)
    lines = Retention(tuple(due(given, datetime(2026, 6, 1, tzinfo=UTC)))).lines()
    assert lines[0] == "1 candidates are past their time"
    assert lines[-1] == "  a  rejected, due 2026-05-30"
