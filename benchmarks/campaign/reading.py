"""A process that reads hiring.duckdb in a loop as analysts do, and notes what it saw."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

from warehouse.query import examples

# The run that freshness names, as of when, then figures of several tables.
SUMS = (
    "select last_load_id from freshness",
    "select epoch_us(as_of) from freshness",
    "select events_loaded from freshness",
    "select sum(hash(candidate_uuid, outcome, stage, last_moved_at))::varchar from applications",
    "select sum(hash(candidate_uuid, entered_at, left_at))::varchar from stage_visits",
    "select sum(applications * 7 + open)::bigint from jobs",
    "select sum(entered * 7 + open)::bigint from funnel_cohort",
    "select sum(entries * 7 + exits)::bigint from funnel_activity",
    "select sum(applications)::bigint from pipeline_ageing",
    "select sum(visits * 7 + finished)::bigint from time_in_stage",
)
PAUSE = 0.1  # seconds; the cores are for the runs, too
WHOLE = "select " + ", ".join(f"({one})" for one in SUMS)
Read = list[Any]


def whole(path: Path) -> Read:
    """All figures by one statement on a connection of its own."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return list(connection.execute(WHOLE).fetchall()[0])


def brief(path: Path, _: Event) -> Iterator[Read]:
    yield whole(path)


def slow(path: Path, _: Event) -> Iterator[Read]:
    """A statement a figure, with pauses: a session that goes on while runs publish."""
    with duckdb.connect(str(path), read_only=True) as connection:
        yield [_one(connection, one) for one in SUMS]


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    time.sleep(PAUSE)
    return connection.execute(sql).fetchall()[0][0]


def holding(path: Path, stop: Event) -> Iterator[Read]:
    """Keeps its connection until another run has published, and still sees its own."""
    with duckdb.connect(str(path), read_only=True) as connection:
        held = path.stat().st_ino
        yield list(connection.execute(WHOLE).fetchall()[0])
        while path.stat().st_ino == held and not stop.is_set():
            time.sleep(0.02)
        yield list(connection.execute(WHOLE).fetchall()[0])


def asking(path: Path, _: Event) -> Iterator[Read]:
    """Attaches the file and asks all examples between two reads."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as hiring (read_only); use hiring")
        yield list(connection.execute(WHOLE).fetchall()[0])
        for example in examples():
            connection.execute(example.sql).fetchall()
        yield list(connection.execute(WHOLE).fetchall()[0])


LOOPS: dict[str, Callable[[Path, Event], Iterator[Read]]] = {
    "brief": brief,
    "slow": slow,
    "holding": holding,
    "asking": asking,
}


def read(kind: str, path: Path, log: Path, stop: Event) -> None:
    """Read in a loop until told to stop; a line a read: its figures, or the class of an error."""
    with log.open("a", buffering=1) as file:
        while not stop.is_set():
            try:
                for figures in LOOPS[kind](path, stop):
                    file.write(json.dumps(figures) + "\n")
                time.sleep(PAUSE)
            except (duckdb.Error, OSError) as error:
                file.write(json.dumps([type(error).__name__]) + "\n")
                time.sleep(PAUSE)
