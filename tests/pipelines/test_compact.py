"""Old days become Parquet: still the truth, whatever kills it, and the tables are the same."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import formats, packed
from contract.landing import Landing
from pipelines import compact, merge
from pipelines.bench import Bench
from pipelines.compact import compact_old_days
from pipelines.merge import merge_closed_days
from pipelines.person import PersonKeys
from pipelines.segments import batches
from pipelines.shred import shred
from tests.contract.landed_lines import BODIES, line, odd, ordinary
from tests.pipelines.conftest import Zone, candidate
from tests.pipelines.killing import Killed, killed_at
from tests.pipelines.test_sync import dump, run

Event = Callable[..., dict[str, Any]]
NEXT_DAY = date(2026, 11, 2)  # zones land on 2026-11-01


@pytest.fixture(autouse=True)
def _small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "SMALLEST", 1)


def fill(zone: Zone, event: Event, entries: int = 4) -> None:
    for number in range(entries):
        zone.land(event(uuid=f"c{number}"), event("JobResource_created", uuid=f"j{number}"))


def files(zone: Zone) -> list[str]:
    return sorted(path.name for path in zone.landing.root.glob("event_name=*/date=*/*"))


def lines(landing: Landing) -> list[bytes]:
    """All lines as the manifest names them, in order."""
    entries = landing.entries({})
    return [one for entry in entries for file in entry.files for one in landing.lines(file.path)]


def close(zone: Zone, slot: str = "w0") -> None:
    """Merge what landed, as if it were loaded."""
    merge_closed_days(zone.landing, {slot: zone.sealed[slot]}, NEXT_DAY)


def test_a_day_long_past_becomes_parquet_and_its_lines_stay(zone: Zone, event: Event) -> None:
    fill(zone, event)
    close(zone)
    before = lines(zone.landing)
    done = compact_old_days(zone.landing, NEXT_DAY)
    assert (done.segments, done.left) == (2, 0)
    assert files(zone) == ["w0-000000004.r2.parquet"] * 2
    assert lines(zone.landing) == before
    (entry,) = zone.landing.entries({})
    assert (entry.first, entry.seq, entry.rows) == (1, 4, 8)
    assert entry.line_bytes == sum(map(len, before))
    assert formats.landing_format(zone.landing.root) == formats.PARQUET
    assert compact_old_days(zone.landing, NEXT_DAY).segments == 0


def test_a_day_that_is_not_old_enough_or_not_merged_stays(zone: Zone, event: Event) -> None:
    fill(zone, event)
    assert compact_old_days(zone.landing, NEXT_DAY).segments == 0  # nothing is merged
    close(zone)
    zone.landing.note_compacted("w0", 0, "")
    assert compact_old_days(zone.landing, date(2026, 11, 1)).segments == 0
    assert formats.landing_format(zone.landing.root) == formats.FIRST
    assert compact_old_days(zone.landing, NEXT_DAY).segments == 2


def test_small_segments_stay_json(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tiny file gains no block of the disk, and costs more to open."""
    zone.land(event(uuid="c1"), *(event("JobResource_created", uuid=f"j{n}") for n in range(30)))
    close(zone)
    monkeypatch.setattr(merge, "SMALLEST", 2000)
    compact_old_days(zone.landing, NEXT_DAY)
    assert files(zone) == ["w0-000000001.r1.jsonl", "w0-000000001.r1.parquet"]
    before = zone.landing.entry("w0", 1)
    zone.landing.note_compacted("w0", 0, "")
    compact_old_days(zone.landing, NEXT_DAY)
    assert zone.landing.entry("w0", 1) == before


def test_a_damaged_entry_is_left_where_it_is(zone: Zone, event: Event) -> None:
    fill(zone, event)
    (zone.landing.root / zone.landing.entry("w0", 2).files[0].path).write_bytes(b"{}\n")
    close(zone)
    compact_old_days(zone.landing, NEXT_DAY)
    kinds = [entry.format for entry in zone.landing.entries({})]
    assert kinds == [formats.PARQUET, formats.FIRST, formats.PARQUET]


def test_lines_that_would_not_come_back_stay_json_and_it_is_said(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(zone, event)
    close(zone)
    before = lines(zone.landing)
    real = packed.lines

    def forgetful(path: Path) -> Any:
        found = list(real(path))
        return iter(found[:-1] if "JobResource" in str(path) else found)

    with monkeypatch.context() as patch:
        patch.setattr(packed, "lines", forgetful)
        done = compact_old_days(zone.landing, NEXT_DAY)
    assert (done.segments, done.left) == (1, 1)
    assert any("1 segments stay JSON" in note for note in done.notes())
    assert sorted(files(zone)) == ["w0-000000004.r2.jsonl", "w0-000000004.r2.parquet"]
    assert lines(zone.landing) == before


@pytest.mark.parametrize("at", range(1, 48, 3))
def test_killed_at_any_step_it_loses_nothing_and_the_next_run_finishes(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    fill(zone, event)
    close(zone)
    before = lines(zone.landing)
    steps = (
        *((os, name) for name in ("open", "fsync")),
        *((Path, name) for name in ("unlink", "replace")),
        *((Landing, name) for name in ("write_segment", "commit", "note_compacted")),
    )
    with killed_at(monkeypatch, at, *steps) as taken:
        try:
            compact_old_days(zone.landing, NEXT_DAY)
        except Killed:
            pass
        else:
            assert at > taken.taken
    assert lines(zone.landing) == before
    compact_old_days(zone.landing, NEXT_DAY)
    assert lines(zone.landing) == before
    assert files(zone) == ["w0-000000004.r2.parquet"] * 2


def test_history_is_listed_once_a_day(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(zone, event)
    close(zone)
    compact_old_days(zone.landing, NEXT_DAY)
    monkeypatch.setattr(Landing, "sequences", None)
    compact_old_days(zone.landing, NEXT_DAY)


def test_a_run_compacts_no_more_than_so_much_and_the_next_goes_on(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "BATCH_BYTES", 1)
    monkeypatch.setattr(compact, "RUN_BYTES", 1)
    fill(zone, event, 3)
    close(zone)
    assert [compact_old_days(zone.landing, NEXT_DAY).segments for _ in range(4)] == [2, 2, 2, 0]


def test_a_merge_after_the_notes_are_lost_keeps_parquet(zone: Zone, event: Event) -> None:
    fill(zone, event, 2)
    close(zone)
    compact_old_days(zone.landing, NEXT_DAY)
    fill(zone, event, 1)
    before = lines(zone.landing)
    (zone.landing.root / "_manifest" / "w0" / "merged").unlink()
    close(zone)
    assert sorted(lines(zone.landing)) == sorted(before)
    assert files(zone) == ["w0-000000003.r3.parquet"] * 2


def test_a_run_compacts_and_a_rebuild_gives_the_same_tables(zone: Zone, event: Event) -> None:
    fill(zone, event)
    for sent in BODIES:
        zone.land(sent)
    zone.compact_days = -1
    run(zone)
    assert all(name.endswith(".jsonl") for name in files(zone))
    before = dump(zone)
    zone.compact_days = 7
    summary = run(zone)
    assert "compact" in summary.seconds
    assert any("were compacted" in note for note in summary.notes)
    assert all(name.endswith(".parquet") for name in files(zone))
    assert run(zone).events == 0
    run(zone, full_refresh=True)
    assert dump(zone) == before
    zone.land(event(uuid="later"))  # beside Parquet, and sealed in one batch with it
    run(zone, full_refresh=True)
    assert len(dump(zone)["candidate_events"]) == 1 + len(before["candidate_events"])


def test_what_is_damaged_after_it_was_compacted_is_set_aside(zone: Zone, event: Event) -> None:
    fill(zone, event)
    run(zone)
    (path, _) = sorted(zone.landing.root.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert run(zone, full_refresh=True).damaged == ["w0/4"]


def tables(home: Path, lines_: dict[str, list[bytes]], *, is_packed: bool) -> dict[str, list[str]]:
    """The rows of these lines, in no order; without the checksum of the segments."""
    zone = Zone(home)
    zone.seal(lines_)
    if is_packed:
        close(zone)
        compact_old_days(zone.landing, NEXT_DAY)
        assert all(file.is_packed for entry in zone.landing.entries({}) for file in entry.files)
    (batch,) = batches(zone.landing.entries({}))
    with Bench("Europe/Dublin", PersonKeys(b"secret")) as bench:
        shredded = shred(bench, zone.landing, batch, scratch=home)
    return {name: rows(table) for name, table in shredded.items()}


def rows(table: pa.Table) -> list[str]:
    kept = [name for name in table.column_names if name != "sha256"]
    return sorted(map(repr, table.select(kept).to_pylist()))


def test_lines_of_every_kind_make_the_same_rows_out_of_parquet(tmp_path: Path) -> None:
    lines_ = {"CandidateResource_updated": list(ordinary()), "_unknown": list(odd())}
    plain = tables(tmp_path / "plain", lines_, is_packed=False)
    assert tables(tmp_path / "packed", lines_, is_packed=True) == plain
    assert len(plain["candidate_events"]) > 5
    assert plain["contract_drift"]


KEYS = st.sampled_from(["uuid", "status", "location", "questions_form", "total_score", "New"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.lists(st.tuples(st.dictionaries(KEYS, VALUES), st.booleans()), min_size=40))
def test_raw_tables_are_the_same_of_json_and_parquet(
    tmp_path_factory: pytest.TempPathFactory, data: list[tuple[dict[str, Any], bool]]
) -> None:
    sent = [
        json.dumps(candidate(**one), indent=2 if is_wide else None, ensure_ascii=is_wide).encode()
        for one, is_wide in data
    ]
    lines_ = {"CandidateResource_updated": [line(body, n) for n, body in enumerate(sent)]}
    folder = tmp_path_factory.mktemp("same")
    plain = tables(folder / "plain", lines_, is_packed=False)
    assert tables(folder / "packed", lines_, is_packed=True) == plain
