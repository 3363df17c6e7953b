"""A sealed journal becomes the next but one, and nothing of what it held is ever read again."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from contract import zeros
from contract.landing import Landing
from receiver import frames, seal, spare
from receiver.frames import frame
from receiver.journal import Journal, NoSpace
from receiver.seal import Damage
from receiver.slot import Slot
from tests.receiver.conftest import filling_disk
from tests.receiver.test_seal import ids, key, line, places, recover


@pytest.fixture
def slot(tmp_path: Path) -> Slot:
    return Slot(Landing(tmp_path), "w0")


def write(journal: Journal, numbers: Iterable[int]) -> None:
    for number in numbers:
        framed = frame(line(number))
        journal.write(framed, [(key(number), len(framed))])


def seal_next(journal: Journal) -> int:
    """Close the open batch and seal the oldest that waits, as the sealer does."""
    journal.rotate()
    seq, path = journal.waiting.popleft()
    return seal.seal(journal.slot, seq, path, lambda _damage: None, journal.known(seq))


def test_a_sealed_journal_becomes_a_later_one_and_keeps_nothing(slot: Slot, tmp_path: Path) -> None:
    journal = Journal(slot)
    write(journal, range(9))
    [(_, first)] = slot.landing.open_journals("w0")
    size, inode = first.stat().st_size, first.stat().st_ino
    assert seal_next(journal) == 9
    assert slot.landing.spare("w0").read_bytes() == b"\0" * size
    write(journal, [9])
    [(seq, second)] = slot.landing.open_journals("w0")
    assert (seq, second.stat().st_ino) == (2, inode)
    assert not slot.landing.spare("w0").exists()
    assert second.read_bytes() == frame(line(9)).ljust(size, b"\0")
    assert seal_next(journal) == 1
    assert slot.landing.spare("w0").read_bytes() == b"\0" * size
    assert ids(tmp_path) == {f"id-{number}" for number in range(10)}


def test_a_batch_may_be_longer_than_the_spare(slot: Slot, tmp_path: Path) -> None:
    journal = Journal(slot)
    for numbers in ([0], [1, 2, 3], [4]):
        write(journal, numbers)
        assert seal_next(journal) == len(numbers)
    assert ids(tmp_path) == {f"id-{number}" for number in range(5)}


def test_what_a_dead_process_wrote_over_a_spare_is_recovered(slot: Slot, tmp_path: Path) -> None:
    """The zeros behind it are no damage."""
    journal = Journal(slot)
    write(journal, range(9))
    seal_next(journal)
    write(journal, [9, 10])
    slot.release()
    assert recover(tmp_path) == []
    assert ids(tmp_path) == {f"id-{number}" for number in range(11)}
    assert list((tmp_path / "journal").iterdir()) == [tmp_path / "journal" / "w0.lock"]


def test_lines_behind_a_page_that_did_not_reach_the_disk_are_recovered(tmp_path: Path) -> None:
    """A power cut may leave the pages of a last, unanswered flush in any order."""
    lines = [frame(line(number)) for number in range(4)]
    content = bytearray(b"".join(lines))
    start, stop = len(lines[0]) + 50, len(lines[0] + lines[1]) + 50
    content[start:stop] = bytes(stop - start)
    path = Landing(tmp_path).journal("w0", 1)
    path.parent.mkdir()
    path.write_bytes(content + b"\0" * 9000)
    [damage] = recover(tmp_path)
    assert damage.data == bytes(content[len(lines[0]) : -len(lines[3])])
    assert ids(tmp_path) == {"id-0", "id-3"}


def test_zeros_are_on_disk_before_the_file_is_the_spare(
    slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut could put lines of the old batch behind those of the new one."""
    monkeypatch.setattr(spare, "_STEP", 500)
    journal = Journal(slot)
    write(journal, range(3))
    journal.rotate()
    steps: list[str] = []

    def noted(owner: Any, name: str) -> None:
        call = getattr(owner, name)

        def step(*arguments: Any, **options: Any) -> Any:
            done = call(*arguments, **options)
            steps.append(name)
            return done

        monkeypatch.setattr(owner, name, step)

    size = journal.waiting[0][1].stat().st_size
    for owner, name in ((os, "pwrite"), (os, "fdatasync"), (Path, "replace")):
        noted(owner, name)
    spare.keep(journal.waiting[0][1], size, slot.landing.spare("w0"))
    assert steps == ["pwrite", "fdatasync"] * -(-size // 500) + ["replace"]


def test_a_journal_that_can_not_be_overwritten_is_removed_by_the_next_try(
    slot: Slot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(slot)
    write(journal, range(3))
    journal.rotate()
    [(seq, path)] = journal.waiting

    def fail(*_arguments: object) -> None:
        raise OSError(errno.EIO, "failed")

    monkeypatch.setattr(os, "pwrite", fail)
    with pytest.raises(OSError, match="failed"):
        seal.seal(slot, seq, path, lambda _damage: None, journal.known(seq))
    monkeypatch.undo()
    assert seal.seal(slot, seq, path, lambda _damage: None) == 0
    assert not path.exists()
    assert not slot.landing.spare("w0").exists()
    assert ids(tmp_path) == {"id-0", "id-1", "id-2"}


def test_a_journal_that_is_not_as_it_was_written_becomes_no_spare(
    slot: Slot, tmp_path: Path
) -> None:
    journal = Journal(slot)
    write(journal, range(3))
    journal.rotate()
    [(seq, path)] = journal.waiting
    assert seal.seal(slot, seq, path, lambda _damage: None, places(0, 1)) == 3
    assert not path.exists()
    assert not slot.landing.spare("w0").exists()
    assert ids(tmp_path) == {"id-0", "id-1", "id-2"}


def test_one_spare_is_kept(slot: Slot) -> None:
    journal = Journal(slot)
    for number in range(2):
        write(journal, [number])
        journal.rotate()
    for _ in range(2):
        seal_next(journal)
    assert sorted(path.name for path in slot.landing.journals.iterdir()) == ["w0.lock", "w0.spare"]


def test_a_spare_goes_with_its_holder_and_one_of_a_dead_holder_with_the_next(
    slot: Slot, tmp_path: Path
) -> None:
    path = slot.landing.spare("w0")
    path.write_bytes(b"\0")
    slot.release()
    assert not path.exists()
    path.write_bytes(b"left behind")
    Slot(Landing(tmp_path), "w0")
    assert not path.exists()


def test_a_spare_does_not_become_a_journal_that_exists(slot: Slot) -> None:
    path, there = slot.landing.spare("w0"), slot.landing.journal("w0", 1)
    path.write_bytes(b"\0")
    journal = Journal(slot)
    there.write_bytes(b"events")
    with pytest.raises(NoSpace):
        journal.write(b"one\n")
    assert there.read_bytes() == b"events"


def test_on_a_full_disk_a_journal_in_a_spare_is_cut_back(
    slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(slot)
    write(journal, range(9))
    seal_next(journal)
    journal.write(b"one\n")
    with filling_disk(monkeypatch), pytest.raises(NoSpace):
        journal.write(b"two\n")
    journal.write(b"three\n")
    [(_, path)] = slot.landing.open_journals("w0")
    assert path.read_bytes() == b"one\nthree\n"


@pytest.mark.parametrize("more", [0, 1, 5000, 1 << 20, (1 << 20) + 1, 1 << 28])
def test_zeros_at_the_end_are_not_read_as_a_line(tmp_path: Path, more: int) -> None:
    """Of a quarter of a gigabyte there would be several copies."""
    content, path = frame(line(0)) + b"torn", tmp_path / "journal"
    path.write_bytes(content)
    os.truncate(path, len(content) + more)
    with path.open("rb") as file:
        assert [piece.raw for piece in frames.scan(file)] == [frame(line(0)), b"torn"]
        assert zeros.begin(file) == len(content)


def test_a_file_of_zeros_holds_nothing(slot: Slot, tmp_path: Path) -> None:
    """The power went between the new name and the first line."""
    slot.landing.journal("w0", 1).write_bytes(b"\0" * 9000)
    damage: list[Damage] = []
    assert seal.seal_all(slot, damage.append) == 0
    assert damage == []
    assert [entry.rows for entry in slot.landing.entries({})] == [0]
