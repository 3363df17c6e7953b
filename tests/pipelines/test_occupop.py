from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pyarrow as pa

from pipelines import occupop
from pipelines.load import load
from pipelines.summary import Summary
from tests.pipelines.conftest import Zone

Event = Callable[..., dict[str, Any]]
ASKED = pa.table({"event_id": ["e2", "e3"]})


def known(zone: Zone, table: str) -> list[str]:
    with closing(occupop.History(occupop.start(zone.settings))) as history:
        ids: list[str] = history.known_ids(table, ASKED)["event_id"].to_pylist()
        return ids


def test_of_the_ids_asked_for_those_that_were_loaded_are_known(zone: Zone, event: Event) -> None:
    for event_id in ("e1", "e2"):
        zone.land(event(uuid="a"), slot="land", event_id=event_id)
    load(zone.settings, Summary(), lambda _: None)
    assert known(zone, "candidate_events") == ["e2"]
    assert known(zone, "job_events") == []


def test_before_any_load_nothing_is_known(zone: Zone) -> None:
    assert known(zone, "candidate_events") == []


def test_rows_reach_the_file_once_the_log_has_16_mb(zone: Zone) -> None:
    """dlt asks for a checkpoint after 1 GB, and rows would be written to the log before it."""
    with occupop.start(zone.settings).sql_client() as client:
        set_to = client.execute_sql("select current_setting('checkpoint_threshold')")
    assert set_to == [("15.2 MiB",)]


def test_row_groups_stay_as_they_were_loaded(zone: Zone) -> None:
    """Merging those that loads end with would write a part of all rows again at each checkpoint."""
    with occupop.start(zone.settings).sql_client() as client:
        client.execute_sql("create table numbers (number integer)")
        for _ in range(2):
            client.execute_sql("insert into numbers select unnest(range(150_000))")
        client.execute_sql("checkpoint")
        groups = client.execute_sql(
            "select count(distinct row_group_id) from pragma_storage_info('numbers')"
        )
    assert groups == [(4,)]
