from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from contract import durable
from contract.landing import DamagedManifest, Entry, Landing, partition
from contract.segment import Segment


def test_an_entry_comes_back_as_it_was_committed(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    path = landing.segment("JobResource_created", "2026-11-24", "w0", 7)
    assert path == "event_name=JobResource_created/date=2026-11-24/w0-000000007.jsonl"
    segment = landing.write_segment(path, [b"one\n", b"two\n"])
    assert segment == Segment(path, 2, 8, hashlib.sha256(b"one\ntwo\n").hexdigest())
    entry = Entry("w0", 7, (segment,))
    landing.commit(entry)
    assert landing.entry("w0", 7) == entry
    assert (entry.rows, entry.bytes) == (2, 8)


@pytest.mark.parametrize("name", ["OfferResource_created", "../x", "a/b", "_unknown", ""])
def test_only_documented_names_become_partitions(name: str) -> None:
    assert partition(name) == "_unknown"


def test_a_damaged_manifest_entry_is_named(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    durable.write(landing.manifest("w0", 1), [b'{"slot":"w0"'])
    with pytest.raises(DamagedManifest, match=r"000000001\.json"):
        landing.entry("w0", 1)


def test_journals_of_a_slot_are_found_in_order_and_no_others(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.journals.mkdir()
    for slot, seq in (("w1", 2), ("w1", 10), ("w10", 1), ("land", 1)):
        landing.journal(slot, seq).touch()
    assert [seq for seq, _ in landing.open_journals("w1")] == [2, 10]


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.write(path, [b"old"])

    def chunks() -> object:
        yield b"new"
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        durable.write(path, chunks())  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
