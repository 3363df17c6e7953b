"""The journal keeps what it took, and says so when it can't."""

from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from contract import durable
from contract.landing import Landing
from contract.settings import Settings, SettingsError
from receiver import seal
from receiver.frames import frame
from receiver.journal import Journal, NoSpace, Poisoned
from receiver.slot import Slot, SlotBusy, left_behind, of_imports, take_free
from tests.receiver.conftest import filling_disk


@pytest.fixture
def slot(tmp_path: Path) -> Slot:
    return Slot(Landing(tmp_path), "w0")


def test_a_write_is_in_the_file_when_it_returns(slot: Slot) -> None:
    journal = Journal(slot)
    journal.write(b"one\n")
    journal.write(b"two\n")
    [(seq, path)] = slot.landing.open_journals("w0")
    assert (seq, path.read_bytes(), journal.size) == (1, b"one\ntwo\n", 8)


def test_a_found_journal_is_never_continued(slot: Slot) -> None:
    Journal(slot).write(b"old\n")
    journal = Journal(slot)
    journal.write(b"new\n")
    assert [seq for seq, _ in journal.waiting] == [1]
    assert [p.read_bytes() for _, p in slot.landing.open_journals("w0")] == [b"old\n", b"new\n"]


def test_a_failed_sync_poisons_for_good(slot: Slot) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "a name that must not be told")

    journal = Journal(slot, sync=fail)
    with pytest.raises(Poisoned, match="OSError") as caught:
        journal.write(b"one\n")
    assert "must not be told" not in str(caught.value)
    with pytest.raises(Poisoned):
        journal.write(b"two\n")


def test_a_full_disk_takes_nothing_and_a_later_write_succeeds(
    slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short write, then ENOSPC, as a filling disk gives (test_disk.py fills a real one)."""
    journal = Journal(slot)
    journal.write(b"one\n")
    with filling_disk(monkeypatch), pytest.raises(NoSpace):
        journal.write(b"two\n")
    journal.write(b"three\n")
    [(_, path)] = slot.landing.open_journals("w0")
    assert path.read_bytes() == b"one\nthree\n"


def test_a_slot_has_one_holder(tmp_path: Path, slot: Slot) -> None:
    with pytest.raises(SlotBusy):
        Slot(Landing(tmp_path), "w0")
    other = take_free(Landing(tmp_path))
    assert other.name == "w1"
    slot.release()
    assert take_free(Landing(tmp_path)).name == "w0"


def test_each_host_has_slots_of_its_own(tmp_path: Path) -> None:
    """The locks of another machine need not be seen on a shared folder."""
    landing = Landing(tmp_path)
    assert (take_free(landing, "eu-1").name, of_imports("eu-1")) == ("eu-1-w0", "land-eu-1")
    for name in ("eu-1-w7", "land-eu-1", "eu-11-w0", "eu-1-west-w0", "w7", "land"):
        landing.journal(name, 1).touch()
    assert [slot.name for slot in left_behind(landing, "eu-1")] == ["eu-1-w7", "land-eu-1"]


@pytest.mark.parametrize("host", ["Upper", "a/b", "-a", "landlord", "land", "x" * 59, "a b", "é"])
def test_a_host_that_is_no_part_of_a_slot_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="HIRING_SLOT_HOST"):
        Settings.from_environ({"HIRING_SLOT_HOST": host})
    assert Settings.from_environ({"HIRING_SLOT_HOST": "x" * 58}).slot_host


def test_batch_numbers_are_not_used_again_when_old_entries_are_gone(slot: Slot) -> None:
    journal = Journal(slot)
    journal.write(frame(b'{"v":1}\n')[:5])
    journal.rotate()
    seal.seal_all(slot, lambda _damage: None)
    slot.landing.manifest("w0", 1).unlink()
    slot.release()
    assert Slot(slot.landing, "w0").last_sealed == 1


LANDED = ("_unknown", date(2026, 11, 24))


def test_the_places_of_a_closed_batch_are_given_once(slot: Slot) -> None:
    journal = Journal(slot)
    journal.write(frame(b"one\n") + frame(b"three\n"), [(LANDED, 13), (LANDED, 15)])
    journal.write(frame(b"two\n"), [(LANDED, 13)])
    journal.rotate()
    places = journal.known(1)
    assert places is not None
    assert places.size == journal.waiting[0][1].stat().st_size
    [lines] = places.lines.values()
    assert list(zip(lines.offsets, lines.lengths, strict=True)) == [(9, 4), (22, 6), (37, 4)]
    assert journal.known(1) is None
    journal.write(frame(b"one\n"), [(LANDED, 13)])
    assert journal.places.size == 13


def test_what_the_disk_did_not_take_has_no_place(
    slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(slot)
    journal.write(frame(b"one\n"), [(LANDED, 13)])

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NoSpace):
        journal.write(frame(b"two\n"), [(LANDED, 13)])
    assert journal.places.size == 13


def test_places_do_not_pile_up_while_nothing_can_be_sealed(slot: Slot) -> None:
    journal = Journal(slot)
    for _ in range(9):
        journal.write(frame(b"one\n"), [(LANDED, 13)])
        journal.rotate()
    known = [journal.known(seq) for seq, _ in journal.waiting]
    assert [places is not None for places in known] == [True] * 4 + [False] * 5


def test_an_empty_journal_leaves_no_file(slot: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(slot)

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NoSpace):
        journal.write(b"one\n")
    journal.rotate()
    journal.close()
    assert slot.landing.open_journals("w0") == []


def test_a_slot_that_cannot_be_taken_is_not_kept_from_the_next_try(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    in_the_way = landing.root / "_manifest" / "w0"
    durable.make_directory(in_the_way.parent)
    in_the_way.touch()
    with pytest.raises(NotADirectoryError):
        Slot(landing, "w0")
    in_the_way.unlink()
    Slot(landing, "w0").release()
