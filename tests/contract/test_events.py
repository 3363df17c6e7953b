from __future__ import annotations

from typing import Any

import pytest

from contract import raw
from contract.events import CandidateEvent, JobEvent, Kind

META = {"resource_type": "CandidateResource", "event_name": "CandidateResource_updated"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"questions_form": {"type": "text", "text": "Why?", "options": None, "answer": "x"}},
        {"questions_form": [{"type": "text"}], "location": {"cityFullName": "Cork"}},
        {"total_score": "7", "new_field": {"deep": [1]}, "hired_at": None},
    ],
)
def test_the_models_take_every_tolerated_shape(data: dict[str, Any]) -> None:
    CandidateEvent.model_validate({"meta": META, "data": data})


def test_both_spellings_of_a_location_key_are_one_field() -> None:
    for key in ("city_full_name", "cityFullName"):
        event = JobEvent.model_validate({"meta": {}, "data": {"location": {key: "Cork"}}})
        assert event.data.location is not None
        assert event.data.location.city_full_name == "Cork"


def test_every_payload_column_has_a_kind_and_a_description() -> None:
    columns = [c for table in raw.TABLES.values() for c in table.columns]
    assert all(column.description for column in columns)
    assert all(isinstance(c.kind, Kind) for c in columns if c.path)


def test_what_identifies_a_person_is_marked_personal() -> None:
    table = raw.TABLES["candidate_events"]
    personal = {column.name for column in table.columns if column.personal}
    assert personal >= {"first_name", "last_name", "email", "phone", "profile", "file_url"}


def test_the_signed_upload_link_is_not_loaded() -> None:
    names = [column.name for table in raw.TABLES.values() for column in table.columns]
    assert "cv_upload_signed_url" not in names
