from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines import segments
from tests.pipelines.conftest import Zone


def test_entries_beyond_the_watermark_are_new(zone: Zone, event: Callable[..., Any]) -> None:
    for number in range(3):
        zone.land(event(uuid=str(number)))
    zone.land(event(uuid="late"), slot="w1")
    found = [(e.slot, e.seq) for e in zone.landing.entries({"w0": 2})]
    assert found == [("w0", 3), ("w1", 1)]


def test_history_is_not_listed_when_a_watermark_is_given(
    zone: Zone, event: Callable[..., Any]
) -> None:
    for number in range(5):
        zone.land(event(uuid=str(number)))
    zone.landing.manifest("w0", 2).write_bytes(b"not read")
    assert [e.seq for e in zone.landing.entries({"w0": 3})] == [4, 5]


def test_a_damaged_entry_is_set_aside_and_the_rest_loads(
    zone: Zone, event: Callable[..., Any]
) -> None:
    damaged = zone.land(event(uuid="a"))
    zone.land(event(uuid="b"))
    path = zone.landing.root / damaged.files[0].path
    path.write_bytes(path.read_bytes().replace(b'"a"', b'"z"'))
    (batch,) = segments.batches(zone.landing.entries({}))
    batch.verify(zone.landing)
    assert batch.damaged == {("w0", 1)}
    assert [e.seq for e in batch.sound()] == [2]


def test_a_missing_file_is_damage(zone: Zone, event: Callable[..., Any]) -> None:
    entry = zone.land(event(uuid="a"))
    (zone.landing.root / entry.files[0].path).unlink()
    assert not segments.is_whole(zone.landing, entry)


def test_batches_are_bounded_by_rows(
    zone: Zone, event: Callable[..., Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(segments, "BATCH_ROWS", 2)
    for number in range(5):
        zone.land(event(uuid=str(number)))
    batches = segments.batches(zone.landing.entries({}))
    found = [sum(entry.rows for entry in batch.entries) for batch in batches]
    assert found == [2, 2, 1]
