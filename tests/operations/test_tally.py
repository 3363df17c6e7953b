"""The landing zone is counted once: afterwards only what is new is read."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from contract.landing import Entry
from operations import tally as counting
from operations.tally import tally
from tests.operations.conftest import NOW


@pytest.fixture
def count(home):
    return lambda: tally(home.path, home.settings.state)


def merged(home, first: Entry, last: Entry) -> Entry:
    """Two batches as the pipeline merges them: one entry under the seq of the last."""
    lines = b"".join(
        (home.landing.root / file.path).read_bytes()
        for entry in (first, last)
        for file in entry.files
    )
    whole = home.landing.write_segment(
        last.files[0].path.replace(".jsonl", ".r1.jsonl"), lines.splitlines(keepends=True)
    )
    entry = Entry(last.slot, last.seq, (whole,), first_seq=first.seq)
    home.landing.commit(entry)
    home.landing.note_merged(last.slot, last.seq)
    home.landing.manifest(first.slot, first.seq).unlink()
    return entry


def test_a_count_goes_on_where_it_stood(home, count):
    first = home.land(NOW, NOW)
    assert (count().rows, count().slots) == (2, {"w0": 1})
    second = home.land(NOW, slot="w1")
    found = count()
    assert (found.rows, found.slots) == (3, {"w0": 1, "w1": 2})
    assert found.bytes == first.bytes + second.bytes
    assert found.days == {f"{NOW:%Y-%m-%d}": found.bytes}


def test_what_was_counted_is_not_read_again(home, count):
    """The proof: an entry that can no longer be read does not matter, until all is counted."""
    home.land(NOW)
    home.land(NOW)
    before = count()
    home.landing.manifest("w0", 1).write_bytes(b"?")
    assert count() == before
    note = home.settings.state / "operations" / "landed.json"
    old = replace(before, counted_at=time.time() - counting.STANDS_FOR - 1)
    note.write_bytes(orjson.dumps(vars(old)))
    assert count().unreadable == ["_manifest/w0/000000001.json"]


def test_a_merged_batch_counts_its_lines_once(home, count):
    first, last = home.land(NOW), home.land(NOW, NOW)
    assert count().rows == 3
    merged(home, first, last)
    assert count().rows == 3


def test_a_batch_merged_with_what_was_counted_is_counted_anew(home, count):
    first = home.land(NOW)
    assert count().rows == 1
    merged(home, first, home.land(NOW, NOW))
    assert (count().rows, count().slots) == (3, {"w0": 2})


def test_another_landing_zone_is_counted_anew(home, count):
    home.land(NOW)
    home.land(NOW)
    assert count().rows == 2
    home.landing.manifest("w0", 2).unlink()
    assert count().rows == 1


def test_a_note_of_another_version_or_from_the_future_is_not_believed(home, count):
    home.land(NOW)
    note = home.settings.state / "operations" / "landed.json"
    right = count()
    for wrong in (b'{"lines": 5}', orjson.dumps(vars(replace(right, rows=9, counted_at=9e12)))):
        note.write_bytes(wrong)
        assert count().rows == 1


def test_growth_is_of_the_last_week(home, count):
    entry = home.land(NOW)
    home.land(NOW - timedelta(days=30))
    assert count().growth(NOW.date()) == pytest.approx(entry.bytes / 7)


def test_nothing_new_writes_nothing(home, count):
    home.land(NOW)
    count()
    note = home.settings.state / "operations" / "landed.json"
    os.utime(note, (1, 1))
    count()
    assert note.stat().st_mtime == 1
