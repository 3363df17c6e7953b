"""Personal values stay where they belong: looked for in every other file, decoded and as bytes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from contract import envelope
from contract.events import CandidateResource, Question
from contract.landing import Landing
from contract.raw import payload_columns
from privacy.look import look, scan_bytes
from privacy.search import Kind, Search, Value
from privacy.traces import landed
from tests.privacy.conftest import Done, Home, candidate

SOURCES = Path(__file__).parents[2] / "warehouse" / "seeds" / "source_map.csv"
# Here they belong.
PRIVATE = ("landing", "journal", "quarantine", "warehouse.duckdb", "secrets")
_BY_CHANCE = 6  # bytes; shorter ones stand by chance in the bytes of any file


def personal(home: Home) -> set[str]:
    """Every value of a field that the contract calls personal; what is published by a rule, names
    of sources that many share or the shipped mapping knows and answers that were offered, left
    out."""
    found = {value for data in _candidates(home) for value in _values(data)}
    published = [name for (name,) in home.published("select source_name from applications")]
    by_rule = " ".join(name for name in published if name)
    shipped = {word.casefold() for word in re.split("[,\n]", SOURCES.read_text())}
    left = {value for value in found if value.casefold() not in shipped}
    return {value for value in left if value.strip() and value not in by_rule}


def _candidates(home: Home) -> Iterator[dict[str, Any]]:
    for _, line in landed(Landing(home.path)):
        head, body = envelope.split(line)
        if head["event_name"].startswith("Candidate"):
            yield orjson.loads(body)["data"]


def _values(data: dict[str, Any]) -> Iterator[str]:
    for column in payload_columns(CandidateResource):
        value: Any = data
        for part in column.path:
            value = value.get(part) if isinstance(value, dict) else None
        if column.personal and value:
            yield str(value).partition("?")[0]
            yield from [str(value)] if "?" in str(value) else []
    form = data.get("questions_form") or []
    for asked in form if isinstance(form, list) else [form]:
        question = Question.model_validate(asked)
        yield from set(_items(question.answer)) - set(_items(question.options))


def _items(value: Any) -> list[str]:
    return (
        [str(item) for item in value] if isinstance(value, list) else str(value or "").split("\n")
    )


def searching(values: set[str], least: int = 0) -> Search:
    return Search(Value.of(Kind.TEXT, v) for v in values if len(v.strip().encode()) >= least)


@pytest.fixture(scope="module")
def values(filled: Home) -> set[str]:
    found = personal(filled)
    kinds = ("Kelly", "Małgorzata", "applicant.", "+44 1632 9", "cv.pdf", "https://", "kitchen")
    assert all(any(kind in value for value in found) for kind in kinds)
    assert len(found) > 200
    return found


def bare_copy(published: Path, copy: Path, planted: set[str] = frozenset()) -> Path:
    """The published file with nothing compressed, in a folder of its own."""
    copy.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute("set force_compression = 'uncompressed'")
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute(f"attach '{copy}' as copy; copy from database published to copy")
        if planted:
            connection.execute("create table copy.planted (text varchar)")
            connection.executemany("insert into copy.planted values (?)", [[v] for v in planted])
    return copy.parent


def test_the_published_file_holds_none_decoded_or_as_bytes(
    filled: Home, values: set[str], tmp_path: Path
) -> None:
    published = filled.settings.published
    bytewise = searching(values, _BY_CHANCE)
    planted = bare_copy(published, tmp_path / "planted" / "copy.duckdb", values)
    assert scan_bytes(planted, bytewise).values == set(bytewise.values)
    assert (
        scan_bytes(bare_copy(published, tmp_path / "bare" / "copy.duckdb"), bytewise).places() == {}
    )
    assert look(planted, searching(values)).values == set(searching(values).values)
    assert look(tmp_path / "bare", bytewise).places() == {}
    assert cells(published) & values == set()


def cells(published: Path) -> set[str]:
    """Every text of the tables that have a row per person, by line."""
    found = set()
    with duckdb.connect(str(published), read_only=True) as connection:
        for name in ("applications", "application_answers", "stage_visits", "reconciliation"):
            rows = connection.sql(f"from {name}").fetchall()
            found |= {str(cell) for row in rows for cell in row}
    return found | {line for cell in found for line in cell.split("\n")}


def test_no_other_file_of_a_home_holds_any(filled: Home, values: set[str]) -> None:
    """Kept versions of what is published, dlt's and dbt's folders, notes of runs, logs."""
    search = searching(values, _BY_CHANCE)
    assert look(filled.path / "landing", search).values == set(search.values)  # it can find them
    seen = look(filled.path, search, PRIVATE)
    assert {"hiring.duckdb main.applications", "state", "state/dbt"} <= set(seen.looked)
    assert seen.places() == {}
    assert scan_bytes(filled.path, search, PRIVATE).places() == {}


def test_no_file_of_a_home_holds_any_after_an_erasure(done: Done, values: set[str]) -> None:
    """Its report, too; the ids of those who are gone are personal as well."""
    search = searching(values | done.gone, _BY_CHANCE)
    seen = look(done.home.path, search, PRIVATE)
    assert "state/erasures" in seen.looked
    assert seen.places() == {}


def test_a_value_that_slipped_in_would_be_found(
    filled: Home, values: set[str], tmp_path: Path
) -> None:
    shutil.copy(filled.settings.published, tmp_path / "hiring.duckdb.1")
    with duckdb.connect(str(tmp_path / "hiring.duckdb.1")) as connection:
        connection.execute("update applications set city = ? where rowid = 7", [max(values)])
    search = searching(values, _BY_CHANCE)
    assert look(tmp_path, search).places() == {"hiring.duckdb.1 main.applications": 1}


def test_person_key_is_made_anew_when_its_secret_is(bare: Home) -> None:
    """It still joins the same person's applications, and no longer leads to the old ones."""
    twice = [candidate(uuid, email="ann@example.com") for uuid in ("ann-0001", "ann-0002")]
    bare.land(*twice, candidate("bob-0001"))
    secret, keys = bare.settings.secrets / "person_key", []
    for _ in range(2):
        bare.load()
        keys.append(dict(bare.raw("select uuid, person_key from candidate_events")))
        assert secret.stat().st_mode & 0o777 == 0o600
        secret.unlink()
        bare.settings.warehouse.unlink()  # as --full-refresh does
    before, after = keys
    assert before["ann-0001"] == before["ann-0002"] != before["bob-0001"]
    assert after["ann-0001"] == after["ann-0002"] != after["bob-0001"]
    assert not set(before.values()) & set(after.values())
