from __future__ import annotations

import json

from privacy.export import export
from tests.privacy.conftest import Home, candidate, job


def test_everything_held_on_one_person_is_there_and_of_nobody_else(bare: Home) -> None:
    form = [{"type": "text", "text": "Why?", "options": None, "answer": "Because of the kitchen."}]
    bare.land(
        job(),
        candidate("ann-0001", questions_form=form),
        candidate("ann-0001", event="CandidateResource_status_updated", status="hired"),
        candidate("bob-0001"),
        b'{"uuid": "ANN-0001", "cut off',
    )
    bare.sync()
    held = export(bare.settings, "ANN-0001", bare.quarantine)
    assert json.loads(json.dumps(held)) == held
    assert [line["event_name"] for line in held["landing"]] == [
        "CandidateResource_status_updated",
        "CandidateResource_updated",
    ]
    assert held["landing"][1]["body"]["data"]["questions_form"] == form
    assert [item["body"] for item in held["quarantine"]] == ['{"uuid": "ANN-0001", "cut off']
    tables = held["tables"]
    assert len(tables["warehouse.duckdb raw.candidate_events"]) == 2
    assert tables["warehouse.duckdb raw.candidate_events"][0]["email"] == "ann-0001@example.com"
    answers = tables["warehouse.duckdb raw.candidate_event_answers"]
    assert [row["answer"] for row in answers] == ["Because of the kitchen."]
    assert tables["hiring.duckdb main.applications"][0]["outcome"] == "hired"
    assert "bob-0001" not in json.dumps(held)


def test_of_someone_unknown_nothing_is_held(bare: Home) -> None:
    bare.land(candidate("ann-0001"))
    held = export(bare.settings, "nobody", bare.quarantine)
    assert (held["landing"], held["quarantine"], held["tables"]) == ([], [], {})
