"""Rewriting beside living writers, damaged segments, half-done merges; killed at any instant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from contract import envelope, tombstones
from contract.landing import Landing
from contract.tombstones import Key, Tombstone, Tombstones
from pipelines.merge import finish, merge
from pipelines.segments import is_whole
from privacy.forget import forget, is_pending, reapply
from privacy.people import People
from privacy.rewrite import rewrite
from privacy.traces import landed
from receiver.frames import frame
from tests.privacy.conftest import Home, candidate, job
from tests.privacy.killing import killed


def erase(home: Path, *uuids: str) -> Tombstones:
    key = Key.of(home)
    stone = Tombstone("t", tombstones.now(), tuple(map(key.candidate, uuids)), ())
    tombstones.write(home, stone)
    return Tombstones.of(home)


def texts(home: Path) -> str:
    return "".join(path.read_text() for path in (home / "landing").rglob("*.jsonl*"))


def test_only_segments_that_hold_them_are_rewritten(bare: Home) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001"), job())
    bare.land(candidate("bob-0001"))
    before = {path: path.read_bytes() for path in bare.path.rglob("*.jsonl")}
    done = rewrite(Landing(bare.path), erase(bare.path, "ann-0001"))
    assert (done.lines, done.segments) == (1, 1)
    kept = {path for path, text in before.items() if path.exists() and path.read_bytes() == text}
    assert len(kept) == 2
    assert "ann-0001" not in texts(bare.path)
    (entry, _) = Landing(bare.path).entries({})
    assert any(file.path.endswith(".r1.jsonl") for file in entry.files)
    again = rewrite(Landing(bare.path), Tombstones.of(bare.path))
    assert (again.lines, again.segments) == (0, 0)


def test_a_damaged_segment_stays_set_aside(bare: Home) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001"))
    (path,) = bare.path.rglob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b"bob-0001", b"bxb-0001"))
    rewrite(Landing(bare.path), erase(bare.path, "ann-0001"))
    assert "ann-0001" not in texts(bare.path)
    (entry,) = Landing(bare.path).entries({})
    assert not is_whole(Landing(bare.path), entry)


def test_leftovers_are_rewritten_and_what_is_being_sealed_is_not_touched(bare: Home) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001"))
    (path,) = bare.path.rglob("*.jsonl")
    left = path.with_name("w7-000000003.r1.jsonl")
    in_flight = path.with_name("w8-000000004.jsonl")
    left.write_bytes(path.read_bytes())
    in_flight.write_bytes(path.read_bytes())
    Landing(bare.path).journal("w8", 4).write_bytes(b"")
    rewrite(Landing(bare.path), erase(bare.path, "ann-0001"))
    assert b"ann-0001" not in left.read_bytes()
    assert b"bob-0001" in left.read_bytes()
    assert b"ann-0001" in in_flight.read_bytes()  # its seal may still name it, or writes it anew


def test_entries_that_a_merged_one_covers_are_rewritten_too(bare: Home) -> None:
    bare.land(candidate("ann-0001"))
    bare.land(candidate("bob-0001"))
    landing = Landing(bare.path)
    merged = merge(landing, list(landing.entries({})))  # and killed before `finish`
    rewrite(landing, erase(bare.path, "ann-0001"))
    assert "ann-0001" not in texts(bare.path)
    finish(landing, landing.entry(merged.slot, merged.seq))
    assert len(list(landed(landing))) == 2
    assert len(list(bare.path.rglob("*.jsonl"))) == 1


def test_journals_of_dead_writers_are_sealed_without_them(bare: Home) -> None:
    bare.land(candidate("bob-0001"))
    body = orjson.dumps(candidate("ann-0001"))
    line = envelope.line(
        body,
        envelope.understand(body),
        event_id="e",
        landed_at=datetime.now(UTC),
    )
    landing = Landing(bare.path)
    landing.lock("w3").touch()
    landing.journal("w3", 1).write_bytes(frame(line))
    assert forget(bare.settings, People.of(["ann-0001"]), bare.quick_hands).is_proven
    assert not list(landing.journals.glob("*.journal"))
    assert "ann-0001" not in texts(bare.path)
    assert len(list(landed(landing))) == 2


@pytest.mark.parametrize("at", [1, 5, 8, 11, 14, 20])
def test_killed_at_any_instant_the_next_call_finishes(bare: Home, at: int) -> None:
    """The same erasure to its end; nobody else's line is touched. `at`: a change of the disk."""
    bare.land(candidate("ann-0001"), candidate("bob-0001"), job())
    bare.land(candidate("ann-0001", status="rejected"), candidate("cid-0001"))
    bare.land(b'{"cut": "ann-0001@example.com')
    others = {line for _, line in landed(Landing(bare.path)) if b"ann-0001" not in line}
    assert killed(bare, "ann-0001", at)
    reapply(bare.settings, bare.quick_hands)
    forget(bare.settings, People.of(["ann-0001"]), bare.quick_hands)  # killed before it was durable
    assert not is_pending(bare.settings)
    lines = [line for _, line in landed(Landing(bare.path))]
    assert len(lines) == 5
    assert others < set(lines)
    assert not any(b"ann-0001" in line for line in lines)
    assert bare.quarantine.count() == 0
    assert not (bare.path / "state" / "erasing.json").exists()
    assert "ann-0001" not in texts(bare.path)
