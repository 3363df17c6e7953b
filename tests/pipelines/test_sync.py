"""Load, with the warehouse's steps left out: they are the warehouse's to test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract import formats, lock, raw
from contract.settings import Settings
from pipelines import segments
from pipelines.summary import Summary
from pipelines.sync import SyncFailed, sync
from tests.pipelines.conftest import Zone

Event = Callable[..., dict[str, Any]]


def nothing(_settings: Settings, _summary: Summary, _progress: Callable[[str], None]) -> None:
    """In the place of build and publish."""


def run(zone: Zone, **options: Any) -> Summary:
    return sync(zone.settings, build=nothing, publish=nothing, **options)


LATER = ("tombstoned", "alive", "last_landed_at", "format")
COMPLETE = "_dlt_load_id in (select load_id from raw._dlt_loads where status = 0)"


def dump(zone: Zone) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw table as its readers see it: rows of complete loads, without load ids."""
    return {
        name: zone.rows(
            f"select {', '.join(table.column_names())} from raw.{name} where {COMPLETE}"
            f" order by {', '.join(table.key)}"
        )
        for name, table in raw.TABLES.items()
        if name not in ("contract_drift", "loaded_segments")  # keyed by load, by batch
    }


def test_what_is_sealed_is_loaded_once(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"), event("JobResource_created", uuid="j"))
    first = run(zone)
    zone.land(event(uuid="b"))
    second = run(zone)
    third = run(zone)
    assert (first.events, second.events, third.events) == (2, 1, 0)
    assert zone.rows("select uuid from raw.candidate_events order by uuid") == [("a",), ("b",)]
    assert zone.rows("select slot, seq, rows from raw.loaded_segments order by seq") == [
        ("w0", 1, 2),
        ("w0", 2, 1),
    ]


def test_a_run_notes_how_far_it_came_in_each_slot(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"))
    zone.land(event(uuid="b"))
    first = run(zone)
    noted = json.loads((zone.settings.state / "last_run.json").read_bytes())
    assert first.watermark == noted["watermark"] == {"w0": 2}
    assert noted["started_at"] < noted["finished_at"]
    assert run(zone).watermark == {"w0": 2}


def test_an_empty_home_gets_every_raw_table(zone: Zone) -> None:
    run(zone)
    run(zone)
    found = dict(
        zone.rows(
            "select table_name, string_agg(column_name, ',' order by column_index)"
            " from duckdb_columns() where schema_name = 'raw' group by table_name"
        )
    )
    for name, table in raw.TABLES.items():
        assert found[name].split(",") == [*table.column_names(), "_dlt_load_id"]


def test_a_late_seal_of_another_slot_is_not_hidden(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"))
    run(zone)
    zone.land(event(uuid="old"), slot="w1", landed_at=zone.clock.replace(year=2020))
    assert run(zone).events == 1


def test_a_damaged_segment_is_named_and_the_rest_loads(zone: Zone, event: Event) -> None:
    damaged = zone.land(event(uuid="a"))
    zone.land(event(uuid="b"))
    (zone.landing.root / damaged.files[0].path).write_bytes(b"{}\n")
    summary = run(zone)
    assert summary.damaged == ["w0/1"]
    assert summary.events == 1
    assert zone.rows("select seq, damaged from raw.loaded_segments order by seq") == [
        (1, True),
        (2, False),
    ]


def test_relanded_lines_keep_their_first_landing(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"), slot="land", event_id="e1")
    first = zone.clock
    run(zone)
    zone.land(event(uuid="a"), slot="land", event_id="e1")
    run(zone)
    rows = zone.rows("select event_id, epoch_us(landed_at) from raw.candidate_events")
    assert rows == [("e1", int(first.timestamp()) * 1_000_000)]


def test_a_lost_warehouse_is_rebuilt_from_landing(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"), event(uuid="b"))
    run(zone)
    before = dump(zone)
    zone.settings.warehouse.unlink()
    run(zone)
    assert dump(zone) == before


def test_an_older_warehouse_catches_up(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"))
    run(zone)
    older = zone.settings.warehouse.read_bytes()
    zone.land(event(uuid="b"))
    run(zone)
    before = dump(zone)
    zone.settings.warehouse.write_bytes(older)
    run(zone)
    assert dump(zone) == before


def test_a_landing_zone_that_lost_what_was_loaded_is_refused(zone: Zone, event: Event) -> None:
    entry = zone.land(event(uuid="a"))
    run(zone)
    zone.landing.manifest(entry.slot, entry.seq).unlink()
    with pytest.raises(SyncFailed, match="restore the landing zone"):
        run(zone)


def test_a_second_run_is_told_who_holds_the_lock(zone: Zone) -> None:
    with (
        lock.held(zone.settings.state / "sync.lock", "hiring sync"),
        ThreadPoolExecutor() as others,
        pytest.raises(lock.LockHeld, match=f"process {os.getpid()} has held"),
    ):
        others.submit(run, zone).result()
    run(zone)


def test_errors_of_drivers_do_not_carry_values(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a", email="secret@example.com"))
    zone.settings.warehouse.write_bytes(b"not a database, secret@example.com")
    with pytest.raises(SyncFailed) as failed:
        run(zone)
    assert "secret" not in str(failed.value)


CHILD = """
import sys
sys.path.insert(0, {root!r})
from contract.settings import Settings
from pipelines.sync import sync
print("ready", flush=True)
sync(Settings(home={home!r}), build=lambda *_: None, publish=lambda *_: None)
"""


@pytest.mark.parametrize("delay", [1.0, 1.6, 2.0])
def test_a_killed_run_is_finished_by_the_next(zone: Zone, event: Event, delay: float) -> None:
    for number in range(3):
        zone.land(*(event(uuid=f"{number}-{i}", email=f"{i}@example.com") for i in range(200)))
    root = str(Path(__file__).parents[2])
    code = CHILD.format(root=root, home=str(zone.home))
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    run(zone)
    killed = dump(zone)
    zone.settings.warehouse.unlink()
    run(zone)
    assert killed == dump(zone)
    assert len(killed["candidate_events"]) == 600


def test_rows_of_a_load_that_was_killed_are_swept(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"))
    run(zone)
    with duckdb.connect(str(zone.settings.warehouse)) as connection:  # all but the last word
        connection.execute(
            "insert into raw.candidate_events select * replace ('9' as _dlt_load_id)"
            " from raw.candidate_events"
        )
    run(zone)
    assert zone.rows("select uuid from raw.candidate_events") == [("a",)]


def test_what_is_landed_twice_in_one_run_is_one_row_across_batches(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "BATCH_ROWS", 1)
    for _ in range(3):
        zone.land(event(uuid="a"), slot="land", event_id="e1")
    assert run(zone).segments == 3
    assert zone.rows("select event_id from raw.candidate_events") == [("e1",)]


def test_a_warehouse_of_an_older_version_gets_the_columns_it_lacks(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = raw.TABLES["loaded_segments"]
    older = replace(ours, columns=tuple(c for c in ours.columns if c.name not in LATER))
    zone.land(event(uuid="a"))
    with monkeypatch.context() as before:
        before.setitem(raw.TABLES, "loaded_segments", older)
        run(zone)
    assert "loaded_segments.tombstoned" in run(zone).notes[0]
    assert zone.rows("select tombstoned, format from raw.loaded_segments") == [(None, None)]
    assert run(zone).notes == []
    zone.land(event(uuid="b"))
    assert run(zone).events == 1
    assert zone.rows("select tombstoned, format from raw.loaded_segments where seq = 2") == [
        (0, formats.RAW)
    ]


def test_a_warehouse_of_a_newer_version_is_refused(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"))
    run(zone)
    with duckdb.connect(str(zone.settings.warehouse)) as connection:
        connection.execute("update raw.loaded_segments set format = 99")
    with pytest.raises(formats.NewerHome, match=r"format 99.*--full-refresh"):
        run(zone)
    assert run(zone, full_refresh=True).events == 1


def test_dlt_users_find_their_pipeline(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"))
    run(zone)
    command = [str(Path(sys.executable).parent / "dlt"), "pipeline", "--pipelines-dir"]
    for question in ("info", "trace"):
        done = subprocess.run(
            [*command, str(zone.settings.state / "dlt"), "occupop", question],
            capture_output=True,
            text=True,
            check=False,
            cwd=zone.home,
            env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"},
        )
        assert done.returncode == 0, done.stderr
        assert "occupop" in done.stdout
