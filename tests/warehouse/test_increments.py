"""A build of what is new equals a full one, on random histories that come in pieces."""

from __future__ import annotations

import random
from contextlib import ExitStack

import duckdb
import orjson
import pytest

from contract import warehouse
from contract.settings import Settings
from tests.warehouse.compiled import Load, Models, all_marts
from tests.warehouse.history import Raw, candidate, created, day, filled, job, reader
from warehouse import snapshot
from warehouse.build import build
from warehouse.publish import publish

STATUSES = (None, "new", "new", "interview", "rejected", "hired", "withdrawn", "no such status")
STEPS = (None, "Applied", "Screening", "Interview", "Dog walk", "Cat walk", "Offer", "Hired")
SOURCES = (None, "Indeed", "INDEED", "Ann", "Acme Fair", "ann@example.com", "Bob", "Eve", "Joe")
PIECES = 3


def pieces(seed: int) -> list[Load]:
    """Some 60 candidates in 6 jobs, their deliveries spread over the pieces in disorder."""
    draw = random.Random(seed)
    loads: list[Load] = [[] for _ in range(PIECES)]
    for person in range(60):
        for _ in range(draw.randint(1, 7)):
            at = day(draw.randint(0, 90) + person / 100)
            number = draw.randint(1, 6)
            step = draw.choice(STEPS)
            row = candidate(
                draw.choice((f"c{person}",) * 9 + (None,)),
                draw.choice((f"j{number}", f"j{person % 6 + 1}", f"j{person % 6 + 1}", None)),
                at,
                landed_at=day(100 + draw.random() * 9),
                status=draw.choice(STATUSES),
                step_uuid=step and f"{number} {step}",
                step_name=step and draw.choice((step, step.upper())),
                source_name=draw.choice(SOURCES),
                received_at=draw.choice((None, day(person % 80))),
                total_score=draw.choice((None, 10.0, 20.0)),
            )
            for _ in range(draw.choice((1, 1, 1, 2))):
                loads[draw.randrange(PIECES)].append((row[0], filled(row[0], dict(row[1]))))
    for number in range(1, 6):
        for _ in range(draw.randint(1, 5)):
            landed = day(100 + draw.random() * 0.02)
            row = job(f"j{number}", landed, title=draw.choice("AB"))
            loads[draw.randrange(PIECES)].append((row[0], filled(row[0], row[1])))
    return [with_answers(draw, load) for load in loads]


def with_answers(draw: random.Random, load: Load) -> Load:
    """The load, with answers to some candidates' and sectors to some jobs' deliveries."""
    answer = {"position": 1, "options": "Yes\nNo"}
    return load + [
        ("candidate_event_answers", {"event_id": row["event_id"], **answer, "answer": "Yes"})
        if table == "candidate_events"
        else ("job_event_sectors", {"event_id": row["event_id"], "position": 1, "sector_uuid": "s"})
        for table, row in load
        if draw.random() < 0.5
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_building_and_publishing_piece_by_piece_equals_doing_so_at_once(
    settings: Settings,
    fresh_raw: Raw,
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    monkeypatch.setattr(snapshot, "SMALL", 0)
    monkeypatch.setattr(snapshot, "UNSORTED_SHARE", PIECES)
    loads = pieces(seed)
    for number, load in enumerate(loads, start=1):
        fresh_raw.load(str(number), load)
        with ExitStack() as run:
            if number % 2 == 0:  # else another process publishes than built
                run.enter_context(warehouse.held(settings))
            done = build(settings)
            assert done.rebuilt == ("first build" if number == 1 else None)
            publish(settings)
    assert all_marts(reader(settings.warehouse)) == models.tables(loads)
    assert all_marts(reader(settings.published)) == all_marts(reader(settings.warehouse))
    known = orjson.loads((settings.state / "published.json").read_bytes())
    assert known["patched"]["applications"] > 0


def test_what_no_new_load_touches_is_left_alone(settings: Settings, fresh_raw: Raw) -> None:
    applied = {"status": "new", "step": "Applied"}
    fresh_raw.load("1", [created(f"c{n}", f"j{n}", day(n), **applied) for n in range(3)])
    build(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update int_applications set status = 'left alone'")
        connection.execute("update int_visits set ended_by = 'left alone'")
    fresh_raw.load("2", [candidate("c1", "j1", day(9), status="hired")])
    build(settings)
    query = reader(settings.warehouse)
    rows = query("select candidate_uuid, status from int_applications order by 1")
    assert [row["status"] for row in rows] == ["left alone", "hired", "left alone"]
    rows = query("select candidate_uuid, ended_by from int_visits order by 1")
    assert [row["ended_by"] for row in rows] == ["left alone", "hired", "left alone"]
