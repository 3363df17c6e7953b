"""The inventory is whole, and what it says of the published file is so."""

from __future__ import annotations

from contract import raw
from contract.events import CandidateResource, Question
from privacy.inventory import PUBLISHED, PURPOSES, table

# Published in parts: see the inventory's words on them.
IN_PARTS = {"source_name", "answer"}


def test_every_field_of_a_candidate_has_a_place_and_a_purpose() -> None:
    fields = {c.name for m in (CandidateResource, Question) for c in raw.payload_columns(m)}
    assert fields <= set(PURPOSES)
    assert set(PURPOSES) - fields == {"person_key", "extra"}
    assert table().count("\n") == len(PURPOSES) + 1


def test_what_identifies_is_not_published() -> None:
    personal = {
        column.name
        for model in (CandidateResource, Question)
        for column in raw.payload_columns(model)
        if column.personal
    }
    assert {name for name in personal if PURPOSES[name][0] == PUBLISHED} == IN_PARTS
