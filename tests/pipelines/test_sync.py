"""Load, with the warehouse's steps left out: they are the warehouse's to test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract import durable, formats, lock, raw
from contract.landing import Landing
from contract.settings import Settings
from pipelines import ahead, segments
from pipelines.bench import Bench
from pipelines.summary import Summary
from pipelines.sync import SyncFailed, sync
from tests.pipelines.conftest import Zone

Event = Callable[..., dict[str, Any]]


def nothing(_settings: Settings, _summary: Summary, _progress: Callable[[str], None]) -> None:
    """In the place of build and publish."""


def run(zone: Zone, **options: Any) -> Summary:
    return sync(zone.settings, build=nothing, publish=nothing, **options)


ROOT = Path(__file__).parents[2]
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
import os, signal, sys
import pipelines.ahead, pipelines.layout, pipelines.occupop, pipelines.shred
from contract.landing import Landing
from contract.settings import Settings
from pathlib import Path
from pipelines.sync import sync
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

home, others = Path(sys.argv[1]), [Path(other) for other in sys.argv[2:]]
real, asked = DuckDbSqlClient.execute_query, 0

def run(home, deadly):
    def execute_query(*args, **options):
        global asked
        asked += 1
        if asked == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **options)

    DuckDbSqlClient.execute_query = execute_query
    sync(Settings(home=home), build=lambda *_: None, publish=lambda *_: None)
    (home / "asked").write_text(str(asked))

def forked(home, deadly):
    child = os.fork()
    if not child:
        try:
            run(home, deadly)
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]

assert forked(home, 0) == 0
most = int((home / "asked").read_text())
for number, other in enumerate(others, start=1):
    assert forked(other, most * number // (len(others) + 1)) == signal.SIGKILL
"""


def test_a_run_killed_at_any_statement_is_finished_by_the_next(
    event: Event, tmp_path: Path
) -> None:
    zone = Zone(tmp_path / "whole")
    durable.write(zone.settings.secrets / "person_key", [b"the same in every copy"])
    for number in range(2):
        zone.land(*(event(uuid=f"{number}-{i}", email=f"{i}@example.com") for i in range(50)))
    killed = [Zone(tmp_path / f"killed-{number}") for number in range(4)]
    for one in killed:
        shutil.copytree(zone.home, one.home)
    homes = [str(one.home) for one in (zone, *killed)]
    subprocess.run([sys.executable, "-c", CHILD, *homes], check=True, cwd=ROOT)
    expected = dump(zone)
    assert len(expected["candidate_events"]) == 100
    for one in killed:
        run(one)
        assert dump(one) == expected


BESIDE = """
import os, signal, sys
from contract.settings import Settings
from pathlib import Path
from pipelines import occupop
from pipelines.sync import sync

if sys.argv[2] == "deadly":
    occupop.load = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
begun = Path(sys.argv[1]) / "begun"
summary = sync(
    Settings(home=Path(sys.argv[1])),
    build=lambda *_: None,
    publish=lambda *_: begun.exists() or sys.exit("not ready"),
    ready=begun.touch,
)
print(summary.events, summary.segments, sum(summary.watermark.values()))
"""


def test_loading_beside_what_a_build_begins_with_is_the_same_run(zone: Zone, event: Event) -> None:
    zone.land(event(uuid="a"), event(uuid="b"))
    command = [sys.executable, "-c", BESIDE, str(zone.home)]
    killed = subprocess.run([*command, "deadly"], cwd=ROOT, capture_output=True, text=True)
    assert "SyncFailed: loading ended with exit code -9" in killed.stderr
    whole = subprocess.run([*command, ""], cwd=ROOT, capture_output=True, text=True, check=True)
    assert whole.stdout.split() == ["2", "1", "1"]
    assert len(dump(zone)["candidate_events"]) == 2


def test_an_older_copy_beside_the_log_of_the_newer_warehouse_is_brought_up_to_date(
    zone: Zone, event: Event
) -> None:
    """As a run leaves it that was killed while the file was written back."""
    file, log = zone.settings.warehouse, zone.home / "warehouse.duckdb.wal"
    zone.land(event(uuid="a"))
    run(zone)
    older = file.read_bytes()
    zone.land(event(uuid="b"))
    run(zone)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table main.t as select 1")
        newer = log.read_bytes()
    file.write_bytes(older)
    log.write_bytes(newer)
    assert "older copy" in run(zone).notes[0]
    assert zone.rows("select uuid from raw.candidate_events order by 1") == [("a",), ("b",)]
    assert run(zone).notes == []


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


@pytest.mark.parametrize(
    ("load_rows", "shredders", "loads"), [(1, 2, 4), (400_000, 2, 2), (400_000, 4, 1)]
)
def test_what_is_landed_twice_in_one_run_is_one_row_across_batches_and_loads(
    zone: Zone,
    event: Event,
    monkeypatch: pytest.MonkeyPatch,
    load_rows: int,
    shredders: int,
    loads: int,
) -> None:
    monkeypatch.setattr(segments, "BATCH_ROWS", 1)
    monkeypatch.setattr(ahead, "LOAD_ROWS", load_rows)
    monkeypatch.setattr(ahead, "SHREDDERS", shredders)
    zone.land(event(uuid="a"), event_id="e1")
    zone.land(event(uuid="b"), slot="land", event_id="e2")
    for _ in range(2):
        zone.land(event(uuid="a"), slot="land", event_id="e1")
    assert run(zone).segments == 4
    assert zone.rows("select event_id from raw.candidate_events order by all") == [
        ("e1",),
        ("e2",),
    ]
    assert zone.rows("select count(*) from raw._dlt_loads") == [(loads,)]


def test_tables_of_a_batch_go_when_they_are_loaded(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "BATCH_ROWS", 1)
    monkeypatch.setattr(ahead, "LOAD_ROWS", 2)
    for number in range(14):
        zone.land(event(uuid=str(number)), slot="land")
    real, made, alive = ahead.shred, [], []

    def shred(*given: Any, **named: Any) -> Any:
        tables = real(*given, **named)
        made.append(weakref.ref(tables["candidate_events"]))
        alive.append(sum(one() is not None for one in made))
        return tables

    monkeypatch.setattr(ahead, "shred", shred)
    run(zone)
    assert len(made) == 14
    assert max(alive) <= ahead.AHEAD + 2  # one is being extracted, one was just before


def test_a_run_begins_to_read_where_the_last_one_noted_that_it_ended(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the warehouse is opened; what was begun is used if that was right, else left."""
    read: list[list[int]] = []
    real = ahead.Shredder._read

    def reading(self: ahead.Shredder, batch: segments.Batch) -> Any:
        read.append([entry.seq for entry in batch.entries])
        return real(self, batch)

    monkeypatch.setattr(ahead.Shredder, "_read", reading)
    note = zone.settings.state / "last_run.json"
    begun = []
    for number, noted in enumerate([None, None, b'{"watermark": {"w0": 0}}', b"{}", b""]):
        zone.land(event(uuid=str(number)))
        if noted is not None:
            note.write_bytes(noted)
        run(zone)
        begun.append([*read])
        read.clear()
        assert zone.rows("select count(*) from raw.candidate_events") == [(number + 1,)]
    assert begun == [[[1]], [[2]], [[1, 2, 3], [3]], [[4]], [[5]]]


def test_what_ends_the_reading_of_a_load_is_told_as_it_is(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dlt reads the batches, and wraps whatever they raise in errors of its own."""
    monkeypatch.setattr(segments, "BATCH_ROWS", 1)
    for name in "ab":
        zone.land(event(uuid=name), slot="w0")
    real = ahead.shred

    def shred(bench: Bench, landing: Landing, batch: segments.Batch, **given: Any) -> Any:
        if batch.entries[0].seq == 2:
            raise duckdb.OutOfMemoryException("secret@example.com")
        return real(bench, landing, batch, **given)

    monkeypatch.setattr(ahead, "shred", shred)
    with pytest.raises(SyncFailed, match=r"^shred failed with .*OutOfMemoryException;") as failed:
        run(zone)
    assert "secret" not in str(failed.value)
    monkeypatch.undo()
    assert run(zone).events == 2
    assert zone.rows("select uuid from raw.candidate_events order by all") == [("a",), ("b",)]


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
    zone.land(event(uuid="b"))
    run(zone)  # its columns stand in another order than those of the table
    query = "select seq, tombstoned, format from raw.loaded_segments order by seq"
    assert zone.rows(query)[1:] == [(2, 0, formats.RAW)]
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
    asked = [
        subprocess.Popen(
            [*command, str(zone.settings.state / "dlt"), "occupop", question],
            stdout=subprocess.PIPE,
            text=True,
            cwd=zone.home,
            env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"},
        )
        for question in ("info", "trace")
    ]
    for one in asked:
        told, _ = one.communicate()
        assert one.returncode == 0
        assert "occupop" in told
