from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.seen import Seen

Ids = list[str]
some_ids = st.lists(st.text("abcdef", min_size=3, max_size=5), max_size=40)


def table(ids: Ids) -> pa.Table:
    return pa.table({"event_id": pa.chunked_array([ids], pa.string())})


@given(st.lists(some_ids, max_size=8), some_ids)
def test_what_was_added_is_told_from_what_was_not(batches: list[Ids], asked: Ids) -> None:
    seen = Seen()
    for ids in batches:
        seen.add(table(ids)["event_id"])
    met = {one for ids in batches for one in ids}
    found = seen.maybe(table(asked))["event_id"].to_pylist()
    assert found == [one for one in asked if one in met]


def test_a_hundred_batches_are_kept_in_a_few_runs() -> None:
    seen = Seen()
    for batch in range(100):
        seen.add(table([f"{batch}-{number}" for number in range(50)])["event_id"])
    assert len(seen._runs) <= 7
    assert sum(map(len, seen._runs)) == 5000
