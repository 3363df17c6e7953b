"""`land`: the journal without HTTP."""

from __future__ import annotations

import gzip
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract import segment
from contract.landing import Landing
from contract.settings import Settings
from receiver.land import land
from receiver.quarantine import Quarantine
from receiver.slot import Slot, SlotBusy
from tests.receiver.conftest import Start, landed, payload


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", seal_bytes=4096)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"".join(payload(n) + b"\n" for n in range(50)))
    return path


def test_every_line_is_sealed_when_it_returns(settings: Settings, export: Path) -> None:
    seen: list[int] = []
    result = land(settings, [export], progress=seen.append)
    assert (result.lines, result.landed, result.quarantined) == (50, 50, 0)
    assert result.batches == len(list(Landing(settings.home).entries({})))
    assert [body for _, body in landed(settings.home)] == [payload(n) for n in range(50)]
    assert seen == [50]
    assert Landing(settings.home).open_journals("land") == []


def test_landing_twice_gives_the_same_event_ids(settings: Settings, export: Path) -> None:
    export.write_bytes(export.read_bytes() * 2)  # a body twice in one file is two deliveries
    land(settings, [export])
    once = [head["event_id"] for head, _ in landed(settings.home)]
    assert len(set(once)) == 100
    land(settings, [export])
    again = [head["event_id"] for head, _ in landed(settings.home)]
    assert sorted(again) == sorted(once * 2)


def test_a_copied_landing_zone_is_landed_out_of_parquet_and_json(
    settings: Settings, export: Path, tmp_path: Path
) -> None:
    land(settings, [export])
    export.write_bytes(b"".join(payload(n) + b"\n" for n in range(50, 90)))
    land(settings, [export])
    zone, copied = Landing(settings.home), []
    for entry, suffix in zip(zone.entries({}), (segment.PLAIN, segment.PACKED), strict=True):
        for file in entry.files:
            copied.append(tmp_path / f"{entry.seq}{suffix}")
            segment.write(tmp_path, copied[-1].name, zone.lines(file.path))
    other = Settings(home=tmp_path / "other")
    assert land(other, copied).landed == 90
    assert landed(other.home) == landed(settings.home)


def test_as_of_is_kept_and_makes_other_ids(settings: Settings, export: Path) -> None:
    land(settings, [export])
    land(settings, [export], as_of=datetime(2025, 1, 2, tzinfo=UTC))
    heads = [head for head, _ in landed(settings.home)]
    assert {head.get("as_of") for head in heads} == {None, "2025-01-02T00:00:00.000000Z"}
    assert {head["source"] for head in heads} == {"import"}
    assert len({head["event_id"] for head in heads}) == 100


def test_our_own_lines_keep_their_identity(
    settings: Settings, export: Path, tmp_path: Path
) -> None:
    land(settings, [export])
    before = landed(settings.home)
    files = sorted(Landing(settings.home).root.glob("event_name=*/*/*.jsonl"))
    other = Settings(home=tmp_path / "other")
    land(other, files)
    assert landed(other.home) == before
    assert land(other, files).quarantined == 0
    assert len({head["event_id"] for head, _ in landed(other.home)}) == 50


def test_a_damaged_line_of_ours_goes_to_quarantine(settings: Settings, tmp_path: Path) -> None:
    export = tmp_path / "one.jsonl"
    export.write_bytes(payload() + b"\n")
    land(settings, [export])
    [file] = Landing(settings.home).root.glob("event_name=*/*/*.jsonl")
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_bytes(file.read_bytes().replace(b"example.com", b"example.net"))
    other = Settings(home=tmp_path / "other")
    assert land(other, [damaged]).quarantined == 1
    [item] = Quarantine(other).list()
    assert item.reason == "damaged_line"


def test_lines_not_understood_are_kept_once(settings: Settings, tmp_path: Path) -> None:
    export = tmp_path / "mixed.jsonl"
    export.write_bytes(b"nope\n" + payload(1) + b"\r\n\n" + b"{}\nnope\n" + payload(2))
    for _ in range(2):
        result = land(settings, [export])
        assert (result.lines, result.landed, result.quarantined) == (5, 2, 3)
    assert Quarantine(settings).count() == 3
    assert {Quarantine(settings).show(i.id)[1] for i in Quarantine(settings).list()} == {
        b"nope",
        b"{}",
    }


def test_a_line_larger_than_a_body_may_be_is_quarantined(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", max_body_bytes=2000)
    export = tmp_path / "big.jsonl"
    export.write_bytes(payload(profile="x" * 3000) + b"\n" + payload())
    assert land(settings, [export]).landed == 1
    [item] = Quarantine(settings).list()
    assert item.reason == "too_big"


def test_gzip_and_standard_input_are_read(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "export.jsonl.gz"
    packed.write_bytes(gzip.compress(payload(1) + b"\n"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(payload(2))))
    assert land(settings, [packed, "-"]).landed == 2


def test_one_lands_at_a_time(settings: Settings, export: Path) -> None:
    slot = Slot(Landing(settings.home), "land")
    with pytest.raises(SlotBusy):
        land(settings, [export])
    slot.release()
    assert land(settings, [export]).landed == 50


def test_a_run_that_failed_in_the_middle_is_finished_by_the_next(
    settings: Settings, export: Path, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        land(settings, [export, tmp_path / "missing.jsonl"])
    land(settings, [export])
    heads = [head["event_id"] for head, _ in landed(settings.home)]
    assert len(set(heads)) == 50


def test_order_in_the_file_is_order_of_landing(settings: Settings, export: Path) -> None:
    land(settings, [export])
    times = [head["landed_at"] for head, _ in landed(settings.home)]
    assert times == sorted(set(times))


def test_a_host_of_several_lands_into_slots_of_its_own(start: Start, tmp_path: Path) -> None:
    receiver = start(slot_host="eu-1")
    receiver.post(payload(1))
    receiver.stop()
    (tmp_path / "more.jsonl").write_bytes(payload(2) + b"\n")
    land(receiver.settings, [tmp_path / "more.jsonl"])
    assert Landing(receiver.home).slots() == ["eu-1-w0", "land-eu-1"]
