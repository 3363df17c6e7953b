"""The inventory is whole, and what it says of the published file is so."""

from __future__ import annotations

import duckdb
import orjson

from contract import envelope, raw
from contract.events import CandidateResource, Question
from contract.landing import Landing
from privacy.inventory import PUBLISHED, PURPOSES, table
from privacy.look import look
from privacy.search import Kind, Search, Value
from privacy.traces import landed
from tests.privacy.conftest import Home

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


def test_the_published_file_holds_no_personal_value_of_a_company(filled: Home) -> None:
    """Addresses, phones, links, profiles anywhere; names as a whole cell, since they are words."""
    values, names = set(), set()
    for _, line in landed(Landing(filled.path)):
        data = orjson.loads(envelope.split(line)[1])["data"]
        if isinstance(data, dict) and data.get("email"):
            kinds = (("email", Kind.EMAIL), ("phone", Kind.TEXT), ("profile", Kind.TEXT))
            values |= {Value.of(kind, data[name]) for name, kind in kinds if data.get(name)}
            url = (data.get("file") or {}).get("url")
            values |= {Value.of(Kind.LINK, url.partition("?")[0])} if url else set()
            names |= {data[key] for key in ("first_name", "last_name") if data.get(key)}
    assert len(values) > 100
    search = Search(values)
    assert look(filled.path / "landing", search).values == set(search.values)  # it can find them
    seen = look(filled.path, search, ["landing", "state", "warehouse.duckdb", "journal"])
    assert seen.looked["hiring.duckdb main.applications"] > 20
    assert seen.places() == {}
    assert not names & cells(filled)


def cells(home: Home) -> set[str]:
    """Every text of the tables of the published file that have a row per person."""
    with duckdb.connect(str(home.settings.published), read_only=True) as connection:
        tables = ("applications", "application_answers", "stage_visits")
        rows = [row for name in tables for row in connection.sql(f"from {name}").fetchall()]
    return {cell for row in rows for cell in row if isinstance(cell, str)}
