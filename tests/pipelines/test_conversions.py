"""The table of cases of contract 'Tolerance'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipelines import conversions


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        conversions.install(connection, "Europe/Dublin")
        yield connection


def convert(connection: duckdb.DuckDBPyConnection, macro: str, value: str | None) -> Any:
    row = connection.execute(f"select {macro}($1)", [value]).fetchone()
    assert row is not None
    return row[0]


MONEY = {
    "40000": "40000",
    "40,000": "40000",
    "40.000": "40000",
    "€40k": "40000",
    "40k": "40000",
    "12.5k": "12500",
    "40.000,50": "40000.50",
    "40,000.50": "40000.50",
    "40,5": "40.50",
    "£ 1,234,567": "1234567",
    "1'000": "1000",
    "40 000": "40000",
    "50000 EUR": "50000",
    "0": "0",
    "Competitive": None,
    "40k - 50k": None,
    "1e30": None,
    "99999999999999999999": None,
    "-5": None,
    "": None,
}


@pytest.mark.parametrize(("sent", "expected"), MONEY.items())
def test_salaries(connection: duckdb.DuckDBPyConnection, sent: str, expected: str | None) -> None:
    found = convert(connection, "as_money", sent)
    assert found == (None if expected is None else Decimal(expected))


TIMES = {
    "2026-10-31T23:59:59.000000Z": datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
    "2026-05-20 10:34:17": datetime(2026, 5, 20, 9, 34, 17, tzinfo=UTC),  # Dublin summer
    "2026-01-20 10:34:17": datetime(2026, 1, 20, 10, 34, 17, tzinfo=UTC),
    "2026-05-20T10:34:17+02:00": datetime(2026, 5, 20, 8, 34, 17, tzinfo=UTC),
    "2026-05-20T10:34:17+0200": datetime(2026, 5, 20, 8, 34, 17, tzinfo=UTC),
    "2026-05-20": datetime(2026, 5, 19, 23, 0, tzinfo=UTC),
    "2026-05-20 10:34:17 UTC": datetime(2026, 5, 20, 10, 34, 17, tzinfo=UTC),
    "2026-02-30 10:00:00": None,
    "0000-00-00 00:00:00": None,
    "infinity": None,
    "epoch": None,
    "20026-05-20 10:34:17": None,
    "1716200000": None,
    "": None,
}


@pytest.mark.parametrize(("sent", "expected"), TIMES.items())
def test_times(connection: duckdb.DuckDBPyConnection, sent: str, expected: datetime | None) -> None:
    row = connection.execute("select epoch_us(as_time($1))", [sent]).fetchone()
    assert row is not None
    assert row[0] == (None if expected is None else int(expected.timestamp()) * 1_000_000)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("true", True), ("1", True), ("yes", True), ("TRUE", True), ("false", False), ("0", False),
     ("no", False), ("published", None), ("", None), (None, None)],
)  # fmt: skip
def test_flags(connection: duckdb.DuckDBPyConnection, sent: str, expected: bool | None) -> None:
    assert convert(connection, "as_flag", sent) is expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("1", 1.0), ("1.5", 1.5), (" 4 ", 4.0), ("1e3", 1000.0), ("nan", None), ("inf", None),
     ("1e999", None), ("4,5", None), ("1_000", None), ("", None)],
)  # fmt: skip
def test_numbers(connection: duckdb.DuckDBPyConnection, sent: str, expected: float | None) -> None:
    assert convert(connection, "as_number", sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("ABCDEF01-2345-6789-ABCD-EF0123456789", "abcdef01-2345-6789-abcd-ef0123456789"),
     ("Job-42", "Job-42"), ("", None)],
)  # fmt: skip
def test_only_uuid_shaped_ids_are_lower_cased(
    connection: duckdb.DuckDBPyConnection, sent: str, expected: str | None
) -> None:
    assert convert(connection, "as_id", sent) == expected


def test_a_link_loses_its_query_string(connection: duckdb.DuckDBPyConnection) -> None:
    link = "https://files.example.com/cv.pdf?signature=secret#page"
    assert convert(connection, "as_link", link) == "https://files.example.com/cv.pdf"


def test_text_is_never_trimmed(connection: duckdb.DuckDBPyConnection) -> None:
    assert convert(connection, "as_text", "  Engineer ") == "  Engineer "


@pytest.mark.parametrize(
    ("sent", "expected"),
    [('["Yes"," No "]', "Yes\nNo"), ("Yes, No", "Yes\nNo"), ("a;b,c", "a\nb,c"), ("x\ny", "x\ny"),
     ("[1,2]", "1\n2"), ("[bad", "[bad"), ("", None)],
)  # fmt: skip
def test_choices_stand_one_per_line(
    connection: duckdb.DuckDBPyConnection, sent: str, expected: str | None
) -> None:
    assert convert(connection, "as_choices", sent) == expected


def test_an_answer_in_words_is_not_split(connection: duckdb.DuckDBPyConnection) -> None:
    assert convert(connection, "as_answer", "Yes, gladly; soon") == "Yes, gladly; soon"
