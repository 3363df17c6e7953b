"""Several workers, one landing zone, one lake: each event is loaded once, whoever dies when."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from contract import catalog, lake, runs
from contract.landing import Landing
from contract.lock import LockHeld
from contract.settings import Settings
from pipelines.summary import Summary
from pipelines.sync import sync
from tests.conformance.conftest import Home, Lakes, landed

pytestmark = pytest.mark.postgres
DONE, LOCKED, FAILED = 0, 3, 1


@pytest.fixture
def workers(lakes: Lakes, new_home: Home, batches: list[Path]) -> list[Settings]:
    """Two machines' homes: a landing zone and secrets that they share, and one lake."""
    first, second = new_home("first"), new_home("second")
    landed(first, batches[:4])
    (second / "landing").symlink_to(first / "landing")
    return [lakes.settings(home, "workers") for home in (first, second)]


def load(settings: Settings) -> Summary:
    """A run without models: they are built by whoever holds the lock, from what is loaded."""
    return sync(settings, build=lambda *_: None, publish=lambda *_: None)


def begin(settings: Settings) -> int:
    """A run in a process of its own; its id."""
    child = os.fork()
    if child == 0:
        status = FAILED
        try:
            load(settings)
            status = DONE
        except LockHeld:
            status = LOCKED
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def loaded(settings: Settings) -> tuple[int, int]:
    """Deliveries of complete loads, and distinct ones."""
    complete = "_dlt_load_id in (select load_id from raw._dlt_loads where status = 0)"
    tables = ("candidate_events", "job_events", "other_events")
    rows = " union all ".join(f"select event_id from raw.{t} where {complete}" for t in tables)
    with closing(lake.connect(settings)) as connection:
        row = connection.execute(f"select count(*), count(distinct event_id) from ({rows})")
        count, distinct = row.fetchall()[0]
    return int(count), int(distinct)


def test_each_event_is_loaded_once_by_workers_that_are_killed_at_random(
    workers: list[Settings], batches: list[Path]
) -> None:
    chance, killed = random.Random(7), 0
    for number in range(4):
        landed(workers[0].home, [batches[4 + number]])
        children = [begin(settings) for settings in workers]
        time.sleep(chance.uniform(0.5, 4.0))
        for child in chance.sample(children, chance.choice((1, 2))):
            os.kill(child, signal.SIGKILL)
        statuses = [ended(child) for child in children]
        killed += sum(status < 0 for status in statuses)
        assert FAILED not in statuses
    load(workers[1])
    lines = sum(entry.rows for entry in Landing(workers[0].home).entries({}))
    assert killed
    assert loaded(workers[0]) == (lines, lines)
    assert load(workers[0]).events == 0


def test_a_second_run_is_told_who_works_and_a_run_that_lost_its_lock_ends(
    lakes: Lakes, new_home: Home
) -> None:
    first, second = (lakes.settings(new_home(name), "locks") for name in ("one", "two"))
    with runs.one_run(first, "hiring sync"):
        runs.still_ours(first)
        assert ended(begin(second)) == LOCKED
        with catalog.connect(second) as session:
            session.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
            )
        with pytest.raises(catalog.LockLost):
            runs.still_ours(first)
