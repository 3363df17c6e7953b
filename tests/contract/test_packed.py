"""A Parquet segment stands for its lines, byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from contract import envelope, packed, segment
from contract.segment import DamagedSegment, Unpackable
from tests.contract.landed_lines import AT, BODIES, line, odd, ordinary

PATH = "event_name=_unknown/date=2026-11-01/w0-000000001.r1.parquet"


def columns(path: Path) -> dict[str, list[Any]]:
    return parquet.read_table(path, partitioning=None).to_pydict()


def test_lines_of_our_own_writers_come_back_out_of_their_columns(tmp_path: Path) -> None:
    lines = list(ordinary())
    written = segment.write(tmp_path, PATH, lines)
    assert list(segment.lines(tmp_path / PATH)) == lines
    assert (written.rows, written.line_bytes) == (len(lines), sum(map(len, lines)))
    assert written.bytes == (tmp_path / PATH).stat().st_size
    found = columns(tmp_path / PATH)
    assert found["line"] == [None] * len(lines)
    assert found["body"][0].encode() == BODIES[0]


def test_lines_that_the_columns_do_not_spell_are_kept_whole(tmp_path: Path) -> None:
    lines = list(odd())
    segment.write(tmp_path, PATH, lines)
    assert list(segment.lines(tmp_path / PATH)) == lines
    assert [text.encode() for text in columns(tmp_path / PATH)["line"]] == lines


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.dictionaries(text, json_values, max_size=4), text, text | st.none())))
def test_any_lines_come_back_in_their_order(
    tmp_path: Path, given_: list[tuple[dict[str, Any], str, str | None]]
) -> None:
    import json

    lines = [
        envelope.line(
            json.dumps({"meta": {}, "data": data}, indent=number % 3 or None).encode(),
            envelope.Event(name, kind, name),
            event_id=f"e{number}",
            landed_at=AT,
            webhook_id=kind,
        )
        for number, (data, name, kind) in enumerate(given_)
    ]
    path = tmp_path / PATH
    segment.write(tmp_path, PATH, lines)
    assert list(segment.lines(path)) == lines


def test_equal_lines_give_equal_files_in_groups_of_bounded_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(BODIES[n % 2], n) for n in range(50)]
    once = b"".join(packed.chunks(lines))
    assert b"".join(packed.chunks(iter(lines))) == once
    monkeypatch.setattr(packed, "ROW_GROUP", 20)
    monkeypatch.setattr(packed, "ROW_GROUP_BYTES", len(lines[0]) * 15)
    path = tmp_path / "grouped.parquet"
    pieces = list(packed.chunks(lines))
    path.write_bytes(b"".join(pieces))
    groups = parquet.ParquetFile(path).metadata
    rows = [groups.row_group(n).num_rows for n in range(groups.num_row_groups)]
    assert sum(rows) == 50
    assert max(rows) <= 20
    assert len(rows) > 2
    assert list(packed.lines(path)) == lines


def test_the_footer_names_nobody(tmp_path: Path) -> None:
    segment.write(tmp_path, PATH, [line(sent) for sent in BODIES])
    group = parquet.ParquetFile(tmp_path / PATH).metadata.row_group(0)
    assert not any(group.column(n).is_stats_set for n in range(group.num_columns))
    assert b"0193-1" not in (tmp_path / PATH).read_bytes()[-2048:]


@pytest.mark.parametrize("bad", [b"{}\n", b"no json\n", b'{"v":1,"event_id":"e","body":\xff}\n'])
def test_what_no_writer_wrote_is_refused_and_leaves_nothing(tmp_path: Path, bad: bytes) -> None:
    with pytest.raises(Unpackable):
        segment.write(tmp_path, PATH, [line(BODIES[0]), bad])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_gives_back_other_lines_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "lines", lambda _: iter([line(BODIES[1])]))
    with pytest.raises(Unpackable, match="does not give back"):
        segment.write(tmp_path, PATH, [line(BODIES[0])])
    assert not (tmp_path / PATH).exists()


def damaged(whole: bytes) -> dict[str, bytes]:
    middle = len(whole) // 3
    return {
        "cut": whole[:-9],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "other": b"no parquet",
    }


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "other"])
def test_a_damaged_file_is_named_and_its_content_is_not(tmp_path: Path, how: str) -> None:
    segment.write(tmp_path, PATH, [line(sent) for sent in BODIES])
    (tmp_path / PATH).write_bytes(damaged((tmp_path / PATH).read_bytes())[how])
    with pytest.raises(DamagedSegment, match=r"w0-000000001\.r1\.parquet cannot be read"):
        list(segment.lines(tmp_path / PATH))


def test_parquet_of_others_is_no_segment(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"event_id": ["e"]}), tmp_path / "x.parquet")
    with pytest.raises(DamagedSegment):
        list(segment.lines(tmp_path / "x.parquet"))
    with pytest.raises(FileNotFoundError):
        list(segment.lines(tmp_path / "none.parquet"))
