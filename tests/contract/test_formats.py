"""Each store says its format, and what a newer version wrote is refused in words that help."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import orjson
import pytest

from contract import formats
from contract.formats import NewerHome, OlderPublished
from contract.landing import Entry, Landing

LINE = b'{"v":1,"event_id":"e","body":{}}\n'


def published(path: Path, *columns: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table freshness as select {', '.join(('1 as n', *columns))}")
    return path


def test_a_landing_zone_says_its_format_from_its_first_batch_on(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    assert formats.landing_format(landing.root) == formats.FIRST
    landing.commit(Entry("w0", 1, ()))
    assert (landing.root / "_format").read_text() == f"{formats.FIRST}\n"
    formats.refuse_newer_landing(landing.root)


def test_several_may_be_the_first_to_say_the_format(tmp_path: Path) -> None:
    """As after a power cut, when a worker seals its own journals and those of another."""
    writers, rounds = 8, 40
    together = threading.Barrier(writers, timeout=20)

    def note(number: int) -> None:
        for root in range(rounds):
            together.wait()
            formats.note_landing(tmp_path / f"{root}", formats.FIRST + number % 2)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(note, range(writers)))
    assert {formats.landing_format(tmp_path / f"{root}") for root in range(rounds)} == {2}


def test_the_first_parquet_segment_needs_a_program_that_can_read_it(tmp_path: Path) -> None:
    """Until then an older version may go on: the manifest is written as it knows it."""
    landing = Landing(tmp_path)
    plain = landing.write_segment("event_name=_unknown/date=2026-11-01/w0-000000001.jsonl", [LINE])
    landing.commit(Entry("w0", 1, (plain,)))
    written = landing.manifest("w0", 1).read_bytes()
    assert set(orjson.loads(written)["files"][0]) == {"path", "rows", "bytes", "sha256"}
    assert formats.landing_format(landing.root) == formats.FIRST
    packed = landing.write_segment(plain.path.replace(".jsonl", ".r1.parquet"), [LINE])
    landing.commit(Entry("w0", 1, (packed,)))
    assert formats.landing_format(landing.root) == formats.PARQUET
    landing.commit(Entry("w0", 2, ()))
    assert formats.landing_format(landing.root) == formats.PARQUET


def test_a_landing_zone_of_a_newer_version_is_refused_and_keeps_its_mark(tmp_path: Path) -> None:
    (tmp_path / "_format").write_text(f"{formats.LANDING + 1}\n")
    with pytest.raises(NewerHome, match="install the version"):
        formats.refuse_newer_landing(tmp_path)
    formats.note_landing(tmp_path, formats.LANDING)
    assert formats.landing_format(tmp_path) == formats.LANDING + 1


def test_a_mark_that_is_no_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_format").write_text("two")
    with pytest.raises(NewerHome, match="no number"):
        formats.refuse_newer_landing(tmp_path)


def test_a_published_file_without_a_format_is_of_the_first_and_too_old_to_report(
    tmp_path: Path,
) -> None:
    path = published(tmp_path / "hiring.duckdb")
    assert formats.published_format(path) == formats.FIRST
    formats.refuse_newer_published(path)
    with pytest.raises(OlderPublished, match="run `hiring sync`"):
        formats.refuse_older_published(path)


def test_a_published_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = published(tmp_path / "hiring.duckdb", f"{formats.PUBLISHED + 1} as format")
    with pytest.raises(NewerHome, match="install the version"):
        formats.refuse_newer_published(path)
    formats.refuse_older_published(path)


def test_a_published_file_that_is_not_there_or_no_database_is_of_no_format(tmp_path: Path) -> None:
    (tmp_path / "hiring.duckdb").write_bytes(b"no database")
    for path in (tmp_path / "hiring.duckdb", tmp_path / "none.duckdb"):
        assert formats.published_format(path) is None
        formats.refuse_newer_published(path)
        formats.refuse_older_published(path)
