"""Freshness and the ledger: what was loaded is states, other events and repeats."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contract import formats
from contract.settings import Settings
from tests.warehouse.compiled import Models
from tests.warehouse.history import Raw, candidate, created, day, job, reader
from warehouse.build import build
from warehouse.publish import publish

EVENTS = [
    job("j", day(0), title="A"),
    job("j", day(1), title="A"),  # repeat
    job(None, day(1), title="no id"),
    created("c1", "j", day(1), event_id="e1", status="open"),
    candidate("c1", "j", day(1), event_id="e2", status="open", landed_at=day(2)),  # repeat
    candidate("c1", "j", day(2), status="hired"),
    candidate(None, "j", day(2), status="open"),
    candidate("c2", None, day(2), status="open"),
    ("other_events", {"landed_at": day(3), "event_name": "Surprise"}),
]


def segment(seq: int, rows: int, **columns: object) -> tuple[str, dict]:
    return "loaded_segments", {"slot": "w0", "seq": seq, "rows": rows, **columns}


def test_the_ledger_balances_and_incomplete_loads_are_not_seen(
    settings: Settings, fresh_raw: Raw, models: Models
) -> None:
    segments = [segment(1, len(EVENTS), tombstoned=3), segment(2, 50, damaged=True)]
    fresh_raw.load("1", [*EVENTS, *segments])
    fresh_raw.load("2", [created("c9", "j", day(9), status="open"), segment(3, 1)], status=1)
    with duckdb.connect(str(settings.warehouse)) as connection:
        models.make(connection)
    publish(settings)
    (row,) = reader(settings.published)("select * from freshness")
    # 9 loaded = 4 candidate states + 2 job states + 1 other + 2 repeats
    assert row == {
        "as_of": day(3),
        "first_landed_at": day(0),
        "events_loaded": 9,
        "tombstoned": 3,
        "deliveries": 9,
        "candidate_states": 4,
        "job_states": 2,
        "other_events": 1,
        "repeats": 2,
        "without_uuid": 2,
        "without_job": 1,
        "last_load_id": "1",
        "format": formats.PUBLISHED,
    }
    assert reader(settings.published)("select 1 from applications where candidate_uuid='c9'") == []
    (damaged,) = reader(settings.published)(
        "select subject, n from data_quality where check_name = 'damaged segment'"
    )
    assert damaged == {"subject": "w0/2", "n": 50}


def test_nothing_loaded_yet_publishes_empty_tables(
    settings: Settings, fresh_raw: Raw, tmp_path: Path
) -> None:
    build(settings)
    published = publish(settings)
    assert {name for name, rows in published.tables.items() if rows} <= {
        "freshness",
        "metric_definitions",
        "data_quality",
    }
    (row,) = reader(settings.published)("select as_of, events_loaded, repeats from freshness")
    assert row == {"as_of": None, "events_loaded": 0, "repeats": 0}
