from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipelines.load import load
from pipelines.staged import KEPT, LOAD_ID, READ_ONCE, Staged
from pipelines.summary import Summary
from tests.pipelines.conftest import Zone

Event = Callable[..., dict[str, Any]]
TABLE = "job_event_sectors"


def rows(*events: str) -> pa.Table:
    empty = pa.schema([("event_id", pa.string()), ("position", pa.int64())])
    return pa.Table.from_pylist([{"event_id": e, "position": 1} for e in events], empty)


@pytest.mark.parametrize("options", [READ_ONCE, KEPT])
def test_a_file_holds_the_rows_of_all_batches_and_the_id_of_the_load(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    batches = [{TABLE: one} for one in (rows("a"), rows(), rows("b", "c"))]
    staged = Staged(batches, tmp_path, options)
    assert staged.rows("7") == {TABLE: 3}
    found = parquet.read_table(staged.path(TABLE))
    assert found["event_id"].to_pylist() == ["a", "b", "c"]
    assert found[LOAD_ID].to_pylist() == ["7"] * 3


def test_batches_are_read_once_and_not_before_a_file_is_asked_for(tmp_path: Path) -> None:
    asked = []

    def batches() -> Iterator[dict[str, pa.Table]]:
        asked.append("a batch")
        yield {TABLE: rows("a")}

    staged = Staged(batches(), tmp_path, READ_ONCE)
    assert not asked
    assert [staged.rows("7")[TABLE] for _ in range(2)] == [1, 1]
    assert asked == ["a batch"]


def test_dlt_takes_the_files_over_and_writes_none_of_them_again(
    zone: Zone, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlt.normalize.items_normalizers.arrow import ArrowItemsNormalizer

    def again(*_: object) -> None:
        raise AssertionError("a file was written again")

    monkeypatch.setattr(ArrowItemsNormalizer, "_write_with_dlt_columns", again)
    for _ in range(2):  # what dlt expects of a table is read back from the warehouse, too
        zone.land(event(uuid="a"))
        load(zone.settings, Summary(), lambda _: None)
    assert zone.rows("select count(*) from raw.candidate_events") == [(2,)]
