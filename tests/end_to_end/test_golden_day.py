"""A day of events through the real commands, compared with tables that people have read.

`pytest tests/end_to_end --update-golden` writes the golden files anew: read the diff.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Run
from warehouse.query import Example, examples, query

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
ANSWERS = GOLDEN / "examples"


@pytest.fixture(scope="module")
def day(synced: tuple[Path, dict[str, object]]) -> dict[str, object]:
    """The summary of the run that loaded the day."""
    return synced[1]


def published(home: Path) -> dict[str, str]:
    """Every published table as CSV text, rows in order."""
    with duckdb.connect(str(home / "hiring.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [row[0] for row in connection.sql("show tables").fetchall()]
        return {name: _csv(connection.sql(f"from {name} order by all")) for name in names}


def _csv(rows: duckdb.DuckDBPyRelation) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.fetchall())
    return text.getvalue()


def test_the_published_tables_are_the_golden_ones(
    home: Path, request: pytest.FixtureRequest
) -> None:
    found = published(home)
    found.pop("freshness")  # holds the load id of the run; its figures are checked below
    if request.config.getoption("--update-golden"):
        for old in GOLDEN.glob("*.csv"):
            old.unlink()
        for name, text in found.items():
            (GOLDEN / f"{name}.csv").write_text(text, encoding="utf-8")
    golden = {path.stem: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.csv")}
    assert sorted(found) == sorted(golden)
    for name, text in golden.items():
        assert found[name] == text, f"{name} differs from its golden file"


def test_the_ledger_balances(home: Path, day: dict[str, object]) -> None:
    lines = len((HERE / "day.jsonl").read_bytes().splitlines())
    with duckdb.connect(str(home / "hiring.duckdb"), read_only=True) as connection:
        row = connection.sql(
            "select events_loaded, candidate_states + job_states + other_events, repeats"
            " from freshness"
        ).fetchone()
    assert row is not None
    loaded, states, repeats = row
    assert loaded == lines == day["events"]
    assert loaded == states + repeats
    assert (day["new"], day["repeated"]) == (states, repeats)


def test_a_second_sync_with_nothing_new_changes_no_byte_of_a_table(home: Path, hiring: Run) -> None:
    before = published(home)
    summary = json.loads(hiring("sync", "--json").stdout)
    assert (summary["segments"], summary["events"], summary["new"]) == (0, 0, 0)
    assert published(home) == before


def test_landing_the_day_again_changes_no_figure(home: Path, hiring: Run) -> None:
    before = published(home)
    hiring("land", str(HERE / "day.jsonl"))
    hiring("sync")
    after = published(home)
    for tables in (before, after):
        tables.pop("freshness")
    assert after == before


def test_a_full_refresh_gives_the_same_tables(home: Path, hiring: Run) -> None:
    before = published(home)
    hiring("sync", "--full-refresh")
    after = published(home)
    before.pop("freshness"), after.pop("freshness")
    assert after == before


def test_the_published_file_is_open_to_analysts_and_holds_no_personal_value(home: Path) -> None:
    text = "".join(published(home).values()).casefold()
    for line in (HERE / "day.jsonl").read_bytes().splitlines():
        data = json.loads(line)["body"]["data"]
        for field in ("email", "phone", "profile"):
            value = data.get(field)
            assert not value or str(value).casefold() not in text, field


def test_query_prints_rows_and_refuses_files(home: Path, hiring: Run) -> None:
    asked = "select count(*) as n from applications"
    assert json.loads(hiring("query", asked, "--format", "json").stdout)[0]["n"] > 0
    digest = hashlib.sha256((home / "hiring.duckdb").read_bytes()).hexdigest()
    refused = hiring("query", f"select * from read_text('{HERE}/conftest.py')", status=1)
    assert "disabled" in refused.stderr
    assert hashlib.sha256((home / "hiring.duckdb").read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_answers_as_it_did(
    home: Path, request: pytest.FixtureRequest, example: Example
) -> None:
    answer = io.StringIO()
    query(home / "hiring.duckdb", example.sql, "csv", answer)
    golden = ANSWERS / f"{example.name}.csv"
    if request.config.getoption("--update-golden"):
        golden.write_text(answer.getvalue(), encoding="utf-8")
    assert answer.getvalue() == golden.read_text(encoding="utf-8")


def test_query_runs_an_example_and_lists_them(home: Path, hiring: Run) -> None:
    listed = hiring("query", "--examples").stdout.splitlines()
    assert len(listed) == len(examples())
    name = listed[0].split()[0]
    asked = hiring("query", "--example", name, "--format", "csv").stdout
    assert asked == (ANSWERS / f"{name}.csv").read_text(encoding="utf-8")
