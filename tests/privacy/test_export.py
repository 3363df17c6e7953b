from __future__ import annotations

import json

from privacy.export import export
from tests.privacy.conftest import Home, candidate

ANSWERED = """
select uuid, count(distinct event_id) from candidate_events
join candidate_event_answers using (event_id)
group by uuid having count(distinct event_id) > 1 order by uuid limit 1
"""


def test_everything_held_on_one_person_is_there_and_of_nobody_else(home: Home) -> None:
    ((uuid, deliveries),) = home.raw(ANSWERED)
    cut_off = f'{{"uuid": "{uuid.upper()}", "cut off'
    home.land(cut_off.encode())
    held = export(home.settings, uuid.upper(), home.quarantine)
    assert json.loads(json.dumps(held)) == held
    assert [line["body"]["data"]["uuid"].lower() for line in held["landing"]] == [uuid] * deliveries
    assert [item["body"] for item in held["quarantine"]] == [
        f'{{"uuid": "{uuid.upper()}", "cut off'
    ]
    tables = held["tables"]
    events = f"event_id in (select event_id from candidate_events where uuid = '{uuid}')"
    for name in ("candidate_events", "candidate_event_answers"):
        ((rows,),) = home.raw(f"select count(*) from {name} where {events}")
        assert len(tables[f"warehouse.duckdb raw.{name}"]) == rows
    named = f"from applications where candidate_uuid = '{uuid}'"
    assert len(tables["hiring.duckdb main.applications"]) == len(home.published(named))
    ((address,),) = home.raw(f"select any_value(email) from candidate_events where {events}")
    others = home.raw(f"select distinct uuid from candidate_events where uuid <> '{uuid}'")
    text = json.dumps(held, ensure_ascii=False)
    assert address in text
    assert len(others) > 20
    assert not any(other in text for (other,) in others)


def test_of_someone_unknown_nothing_is_held(bare: Home) -> None:
    bare.land(candidate("ann-0001"))
    held = export(bare.settings, "nobody", bare.quarantine)
    assert (held["landing"], held["quarantine"], held["tables"]) == ([], [], {})
