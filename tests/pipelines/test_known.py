from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from contract.settings import Settings
from pipelines.known import as_known_at
from pipelines.summary import Summary
from tests.pipelines.conftest import Zone


def publish_raw(then: Settings, _summary: Summary, _progress: Callable[[str], None]) -> None:
    """In the place of the warehouse's: the raw file itself."""
    then.warehouse.rename(then.published)


def test_what_landed_later_is_left_out(
    zone: Zone, event: Callable[..., Any], tmp_path: Path
) -> None:
    zone.land(event(uuid="a"), event(uuid="b"), event(uuid="c"))
    landed = zone.clock
    zone.land(event(uuid="d"))
    out = tmp_path / "then" / "file.duckdb"
    as_known_at(
        zone.settings,
        landed - timedelta(seconds=1),
        out,
        build=lambda *_: None,
        publish=publish_raw,
    )
    with duckdb.connect(str(out), read_only=True) as connection:
        known = connection.sql("select uuid from raw.candidate_events order by uuid").fetchall()
        rows = connection.sql("select seq, rows from raw.loaded_segments order by seq").fetchall()
    assert known == [("a",), ("b",)]
    assert rows == [(1, 2), (2, 0)]
    assert not zone.settings.warehouse.exists()
    assert [path.name for path in zone.settings.state.iterdir()] == []
