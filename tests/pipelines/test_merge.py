from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract.landing import Entry, Landing
from pipelines import merge
from pipelines.merge import merge_closed_days
from tests.pipelines.conftest import Zone
from tests.pipelines.killing import Killed, killed_at
from tests.pipelines.test_sync import dump, run

Event = Callable[..., dict[str, Any]]
NEXT_DAY = date(2026, 11, 2)  # zones land on 2026-11-01


def fill(zone: Zone, event: Event, entries: int = 4) -> None:
    for number in range(entries):
        zone.land(event(uuid=f"c{number}"), event("JobResource_created", uuid=f"j{number}"))


def files(zone: Zone) -> list[str]:
    root = zone.landing.root
    return sorted(str(p.relative_to(root)) for p in root.rglob("*.jsonl"))


def manifests(zone: Zone) -> list[str]:
    return sorted(p.name for p in (zone.landing.root / "_manifest" / "w0").glob("*.json"))


def lines(landing: Landing) -> list[bytes]:
    return sorted(
        line
        for entry in landing.entries({})
        for file in entry.files
        for line in (landing.root / file.path).read_bytes().splitlines()
    )


def test_a_closed_day_becomes_one_segment_per_partition(zone: Zone, event: Event) -> None:
    fill(zone, event)
    before = lines(zone.landing)
    assert merge_closed_days(zone.landing, {"w0": 4}, NEXT_DAY) == 3
    assert files(zone) == [
        "event_name=CandidateResource_updated/date=2026-11-01/w0-000000004.r1.jsonl",
        "event_name=JobResource_created/date=2026-11-01/w0-000000004.r1.jsonl",
    ]
    assert manifests(zone) == ["000000004.json"]
    (entry,) = zone.landing.entries({})
    assert (entry.first, entry.seq, entry.rows) == (1, 4, 8)
    assert lines(zone.landing) == before
    assert list(zone.landing.entries({"w0": 4})) == []


def test_an_open_day_and_what_is_not_loaded_stay(zone: Zone, event: Event) -> None:
    fill(zone, event)
    assert merge_closed_days(zone.landing, {"w0": 4}, date(2026, 11, 1)) == 0
    assert merge_closed_days(zone.landing, {"w0": 2}, NEXT_DAY) == 1
    assert manifests(zone) == ["000000002.json", "000000003.json", "000000004.json"]
    assert merge_closed_days(zone.landing, {"w0": 2}, NEXT_DAY) == 0


def test_a_damaged_entry_is_left_where_it_is(zone: Zone, event: Event) -> None:
    fill(zone, event)
    damaged = zone.landing.entry("w0", 2)
    (zone.landing.root / damaged.files[0].path).write_bytes(b"{}\n")
    assert merge_closed_days(zone.landing, {"w0": 4}, NEXT_DAY) == 1
    assert manifests(zone) == ["000000001.json", "000000002.json", "000000004.json"]


@pytest.mark.parametrize("at", range(1, 14))
def test_a_merge_killed_at_any_step_loses_and_doubles_nothing(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    fill(zone, event)
    before = lines(zone.landing)
    steps = (
        (Path, "unlink"),
        *((Landing, name) for name in ("write_segment", "commit", "note_merged")),
    )
    with killed_at(monkeypatch, at, *steps) as taken:
        try:
            merge_closed_days(zone.landing, {"w0": 4}, NEXT_DAY)
        except Killed:
            assert lines(zone.landing) == before
        else:
            assert at > taken.taken
    merge_closed_days(zone.landing, {"w0": 4}, NEXT_DAY)
    assert lines(zone.landing) == before
    assert len(files(zone)) == 2
    assert manifests(zone) == ["000000004.json"]


def test_a_sync_after_a_merge_loads_nothing_and_a_rebuild_gives_the_same(
    zone: Zone, event: Event
) -> None:
    fill(zone, event)
    run(zone)  # closed long ago: it merges what it loaded
    assert len(files(zone)) == 2
    before = dump(zone)
    assert run(zone).events == 0
    zone.settings.warehouse.unlink()
    run(zone)
    assert dump(zone) == before


def test_a_warehouse_from_before_the_merge_catches_up(zone: Zone, event: Event) -> None:
    fill(zone, event, 2)
    run(zone)
    older = zone.settings.warehouse.read_bytes()
    zone.land(event(uuid="c8"), event("JobResource_created", uuid="j8"))
    zone.land(event(uuid="c9"))
    run(zone)
    expected = dump(zone)
    zone.settings.warehouse.write_bytes(older)
    run(zone)
    assert dump(zone) == expected


def test_a_large_day_is_merged_in_bounded_pieces(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(zone, event)
    size = zone.landing.entry("w0", 1).bytes
    monkeypatch.setattr(merge, "BATCH_BYTES", 2 * size + 1)
    merge_closed_days(zone.landing, {"w0": 4}, NEXT_DAY)
    found: list[Entry] = list(zone.landing.entries({}))
    assert [(entry.first, entry.seq) for entry in found] == [(1, 2), (3, 4)]


def test_segments_that_an_erasure_rewrote_are_read_before_they_go(zone: Zone, event: Event) -> None:
    """The newest entry holds a revision: the merged file must not be written over it."""
    fill(zone, event)
    entry = zone.landing.entry("w0", 4)
    revised = tuple(
        zone.landing.write_segment(
            file.path.replace(".jsonl", ".r1.jsonl"), [(zone.landing.root / file.path).read_bytes()]
        )
        for file in entry.files
    )
    zone.landing.commit(Entry("w0", 4, revised))
    before = lines(zone.landing)
    merged = merge.merge(zone.landing, list(zone.landing.entries({})))
    assert not {file.path for file in merged.files} & {file.path for file in revised}
    merge.finish(zone.landing, merged)
    assert lines(zone.landing) == before
    assert files(zone) == sorted(file.path for file in merged.files)
