"""Sealing and recovery: from any state that a crash leaves, to the same landing zone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract import durable, envelope, tombstones
from contract.landing import Landing, partition
from receiver import seal
from receiver.frames import frame
from receiver.places import Key, Lines, Places
from receiver.seal import Damage
from receiver.slot import Slot
from tests.receiver.conftest import landed, payload

NAMES = ["CandidateResource_created", "JobResource_updated", "Something_else"]


def line(number: int) -> bytes:
    body = payload(number, NAMES[number % 3])
    time = datetime(2026, 11, 24 + number % 2, 10, 0, 0, number, tzinfo=UTC)
    return envelope.line(
        body, envelope.understand(body), event_id=f"id-{number}", landed_at=time, source="webhook"
    )


def journal(home: Path, content: bytes, seq: int = 1) -> Path:
    path = Landing(home).journal("w0", seq)
    durable.make_directory(path.parent)
    path.write_bytes(content)
    return path


def recover(home: Path) -> list[Damage]:
    damage: list[Damage] = []
    slot = Slot(Landing(home), "w0")
    seal.seal_all(slot, damage.append)
    slot.release()
    return damage


def places(*numbers: int) -> Places:
    """Those of a journal with these lines."""
    made = Places()
    made.wrote((key(number), len(frame(line(number)))) for number in numbers)
    return made


def key(number: int) -> Key:
    name = NAMES[number % 3]
    return partition(name), datetime(2026, 11, 24 + number % 2, tzinfo=UTC).date()


def ids(home: Path) -> set[str]:
    return {head["event_id"] for head, _ in landed(home)}


def test_lines_go_to_partitions_by_event_and_day_of_landing(tmp_path: Path) -> None:
    path = journal(tmp_path, b"".join(frame(line(n)) for n in range(12)))
    assert recover(tmp_path) == []
    landing = Landing(tmp_path)
    [entry] = landing.entries({})
    assert [file.path for file in entry.files] == [
        f"event_name={name}/date=2026-11-{day}/w0-000000001.jsonl"
        for name in ("CandidateResource_created", "JobResource_updated", "_unknown")
        for day in (24, 25)
    ]
    assert {body for _, body in landed(tmp_path)} == {payload(n, NAMES[n % 3]) for n in range(12)}
    assert not path.exists()


@pytest.mark.parametrize("tail", [b"", b"\0" * 5000, b"garbage", b"garbage\n\n\xff\xfe\n", b"\n"])
def test_a_damaged_tail_is_dropped_and_all_before_it_is_kept(tmp_path: Path, tail: bytes) -> None:
    journal(tmp_path, b"".join(frame(line(n)) for n in range(5)) + tail)
    assert recover(tmp_path) == []
    assert ids(tmp_path) == {f"id-{n}" for n in range(5)}


def test_damage_between_whole_lines_is_kept_aside(tmp_path: Path) -> None:
    torn = frame(line(1))[:-20]
    journal(tmp_path, frame(line(0)) + torn + b"\n\0\0\n" + frame(line(2)) + b"end")
    [damage] = recover(tmp_path)
    assert damage.data == torn + b"\n\0\0\n"
    assert ids(tmp_path) == {"id-0", "id-2"}


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    content = bytearray(frame(line(0)) + frame(line(1)))
    content[100] ^= 1
    journal(tmp_path, bytes(content))
    [damage] = recover(tmp_path)
    assert damage.offset == 0
    assert ids(tmp_path) == {"id-1"}


def test_a_journal_cut_at_every_byte_gives_the_whole_lines_before_the_cut(tmp_path: Path) -> None:
    frames = [frame(line(n)) for n in range(3)]
    content = b"".join(frames)
    ends = [sum(map(len, frames[: n + 1])) for n in range(3)]
    for cut in range(0, len(content) + 1, 29):  # every byte: benchmarks/campaign
        home = tmp_path / str(cut)
        journal(home, content[:cut])
        recover(home)
        assert len(ids(home)) == sum(end <= cut for end in ends)


def test_a_batch_in_the_manifest_is_not_sealed_again(tmp_path: Path) -> None:
    content = frame(line(0))
    path = journal(tmp_path, content)
    recover(tmp_path)
    manifest = Landing(tmp_path).manifest("w0", 1)
    before = manifest.stat().st_mtime_ns
    journal(tmp_path, content)  # as if the crash came before the journal went
    recover(tmp_path)
    assert not path.exists()
    assert manifest.stat().st_mtime_ns == before


def test_a_seal_that_died_after_its_segments_is_done_again(tmp_path: Path) -> None:
    content = b"".join(frame(line(n)) for n in range(6))
    journal(tmp_path, content)
    recover(tmp_path)
    whole = landed(tmp_path)
    Landing(tmp_path).manifest("w0", 1).unlink()
    (tmp_path / "journal" / "w0.lock").write_bytes(b"")
    journal(tmp_path, content)
    recover(tmp_path)
    assert landed(tmp_path) == whole


def test_a_missing_number_is_filled_so_that_readers_go_on(tmp_path: Path) -> None:
    journal(tmp_path, frame(line(0)), seq=1)
    recover(tmp_path)
    journal(tmp_path, frame(line(1)), seq=4)
    recover(tmp_path)
    entries = list(Landing(tmp_path).entries({"w0": 1}))
    assert [(entry.seq, entry.rows) for entry in entries] == [(2, 0), (3, 0), (4, 1)]


def test_batches_are_sealed_oldest_first(tmp_path: Path) -> None:
    for seq in (3, 1, 2):
        journal(tmp_path, frame(line(seq)), seq=seq)
    recover(tmp_path)
    assert [entry.seq for entry in Landing(tmp_path).entries({})] == [1, 2, 3]


@pytest.mark.parametrize("block", [1, 500, 1 << 20])
def test_who_knows_the_places_seals_what_a_scan_seals(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a block holds: less than a line, some lines, all of them."""
    content = b"".join(frame(line(number)) for number in range(12))
    journal(tmp_path / "scanned", content)
    recover(tmp_path / "scanned")
    monkeypatch.setattr(seal, "_BLOCK", block)
    monkeypatch.setattr(seal, "_scan", None)  # it must not be needed
    path = journal(tmp_path / "known", content)
    slot = Slot(Landing(tmp_path / "known"), "w0")
    assert seal.seal(slot, 1, path, lambda _damage: None, places(*range(12))) == 12
    assert files(tmp_path / "known") == files(tmp_path / "scanned")


def files(home: Path) -> dict[Path, bytes]:
    every = (home / "landing").rglob("*.json*")
    return {path.relative_to(home): path.read_bytes() for path in every}


def test_places_that_do_not_fit_the_journal_are_not_believed(tmp_path: Path) -> None:
    path = journal(tmp_path, b"".join(frame(line(number)) for number in range(3)))
    slot = Slot(Landing(tmp_path), "w0")
    assert seal.seal(slot, 1, path, lambda _damage: None, places(0, 1)) == 3
    assert ids(tmp_path) == {"id-0", "id-1", "id-2"}


def test_a_journal_that_is_not_what_was_written_is_not_sealed_by_places(tmp_path: Path) -> None:
    content = bytearray(b"".join(frame(line(number)) for number in range(3)))
    content[len(frame(line(0))) - 1] = 0  # the end of the first line
    path = journal(tmp_path, bytes(content))
    slot = Slot(Landing(tmp_path), "w0")
    with pytest.raises(OSError, match="does not hold"):
        seal.seal(slot, 1, path, lambda _damage: None, places(0, 1, 2))
    assert list(Landing(tmp_path).entries({})) == []
    slot.release()
    assert [len(damage.data) for damage in recover(tmp_path)] == [
        len(content) - len(frame(line(2)))
    ]
    assert ids(tmp_path) == {"id-2"}


def test_blocks_hold_every_line_once_and_a_long_line_alone() -> None:
    lines = Lines()
    for offset, length in ((0, 5), (5, 5), (30, 100), (130, 5), (200, 5)):
        lines.offsets.append(offset)
        lines.lengths.append(length)
    assert list(lines.blocks(20)) == [
        (0, 10, [(0, 5), (5, 10)]),
        (30, 100, [(0, 100)]),
        (130, 5, [(0, 5)]),
        (200, 5, [(0, 5)]),
    ]


@pytest.mark.parametrize("known", [True, False], ids=["places known", "scanned"])
def test_events_of_the_erased_are_sealed_as_stubs(tmp_path: Path, known: bool) -> None:
    key = tombstones.Key.of(tmp_path)
    gone = tombstones.Tombstone("t", tombstones.now(), (key.candidate("uuid-3"),), ())
    tombstones.write(tmp_path, gone)
    path = journal(tmp_path, b"".join(frame(line(n)) for n in range(6)))
    slot, given = Slot(Landing(tmp_path), "w0"), places(*range(6)) if known else None
    assert seal.seal(slot, 1, path, lambda _damage: None, given) == 6
    heads = {head["event_id"]: head for head, _ in landed(tmp_path)}
    assert len(heads) == 6
    assert [name for name, head in heads.items() if "tombstoned" in head] == ["id-3"]
    segments = [path.read_bytes() for path in tmp_path.rglob("*.jsonl")]
    assert not any(b"uuid-3" in text or b"p3@example.com" in text for text in segments)
