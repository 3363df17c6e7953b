"""Time to fill, sources, ageing, definitions and what data_quality finds."""

from __future__ import annotations

import pytest

from tests.warehouse.history import Query, candidate, created, day, job
from warehouse.descriptions import marts

HISTORY = [
    # Published twice, first on day 1; hired on days 8 and 11.
    job("filled", day(0), title="A", published_at=day(1)),
    job("filled", day(5), title="A", published_at=day(5)),
    created("f1", "filled", day(2), status="new", step="Interview", source_name="Indeed"),
    candidate("f1", "filled", day(11), status="hired", step="Interview", source_name="Indeed"),
    created("f2", "filled", day(2), status="new", step="Applied", source_name="Indeed"),
    candidate("f2", "filled", day(8), status="hired", step="Applied", source_name="Indeed"),
    created("f3", "filled", day(2), status="new", step="Applied", source_name="Indeed"),
    created("f4", "filled", day(2), status="withdrawn", step="Applied", source_name="Indeed"),
    job("running", day(0), title="B", created_at=day(3)),
    job("closed", day(0), title="B", created_at=day(3), is_closed=True),
    job("backdated", day(0), title="C", published_at=day(20)),
    created("b1", "backdated", day(2), status="new", step="Applied"),
    candidate("b1", "backdated", day(6), status="hired", hired_at=day(-1)),
    # Open ones, aged at as_of = day 100: 7.9, 8, 30.9, 90, 91 days.
    *(
        created(f"o{days}", "ageing", day(100 - days), status="new", step="Odd step")
        for days in (7.9, 8, 30.9, 90, 91)
    ),
    created("lost", "orphan", day(1), status="mystery", step="Applied"),
    candidate(None, "filled", day(2)),
    candidate("jobless", None, day(2)),
    (
        "contract_drift",
        {"kind": "unknown_field", "resource_type": "JobResource", "path": "x.y", "count": 3},
    ),
    ("other_events", {"landed_at": day(100)}),
]


def test_time_to_fill_is_from_the_first_publication_to_the_first_hire(built: Query) -> None:
    rows = built(
        "select job_uuid, opened_at_source, days_to_fill, hires, is_negative, is_censored"
        " from time_to_fill order by job_uuid"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("backdated", "published_at", None, 1, True, False),
        ("closed", "created_at", None, 0, False, False),
        ("filled", "published_at", 7.0, 2, False, False),  # 8 - 1
        ("running", "created_at", None, 0, False, True),
    ]


def test_sources_are_judged_by_completed_applications(built: Query) -> None:
    (row,) = built("select * from source_effectiveness where source_name = 'Indeed'")
    # 4 = 1 open + 3 completed, 2 of them hired; one stood in Interview.
    assert (row["applications"], row["open"], row["completed"], row["hired"]) == (4, 1, 3, 2)
    assert row["reached_interview"] == 1
    assert row["hire_rate"] == pytest.approx(2 / 3, abs=1e-15)
    assert (row["open_share"], row["is_mature"]) == (0.25, False)


def test_ageing_bands_hold_whole_days_since_the_last_move(built: Query) -> None:
    rows = built(
        "select stage, days_band, applications from pipeline_ageing"
        " where job_uuid = 'ageing' order by band_order"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Odd step", "0-7", 1),
        ("Odd step", "8-14", 1),
        ("Odd step", "15-30", 1),
        ("Odd step", "31-90", 1),
        ("Odd step", "90+", 1),
    ]


@pytest.mark.parametrize(
    ("check", "subject", "n"),
    [
        ("unmapped status", "mystery", 1),
        ("unmapped step", "Odd step", 1),
        ("orphan application", "orphan", 1),
        ("hired before applying", "backdated", 1),
        ("filled before going live", "backdated", 1),
        ("job gone silent", "filled", 1),
        ("state without uuid", "none given", 1),
        ("state without job", "none given", 1),
        ("contract drift: unknown_field", "JobResource.x.y", 3),
    ],
)
def test_data_quality_names_each_finding(built: Query, check: str, subject: str, n: int) -> None:
    rows = built(f"select subject, n from data_quality where check_name = '{check}'")
    assert {"subject": subject, "n": n} in rows


def test_a_job_with_a_recent_move_is_not_silent(built: Query) -> None:
    silent = built("select subject from data_quality where check_name = 'job gone silent'")
    assert {row["subject"] for row in silent} == {"filled"}


def test_every_definition_names_a_published_table_or_says_that_there_is_none(built: Query) -> None:
    rows = built("select * from metric_definitions")
    tables = {mart.name for mart in marts()}
    assert len(rows) == 20
    for row in rows:
        assert row["table_name"] in tables if row["is_computable"] else not row["table_name"]
