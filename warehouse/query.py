"""Reads the published file for `hiring query`, and the examples of what to ask it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

import duckdb

BATCH = 10_000
EXAMPLES = Path(__file__).parent / "examples"


class QueryFailed(RuntimeError):
    """The query could not run; the text is DuckDB's, as the asker's own SQL is what it quotes."""


@dataclass(frozen=True)
class Example:
    """A question of a hiring team and the query that answers it. note: definition and n."""

    name: str
    question: str
    note: str
    sql: str


def examples() -> list[Example]:
    """The examples by name: the first comment line of a file is the question, the rest its note."""
    return [_example(path) for path in sorted(EXAMPLES.glob("*.sql"))]


def _example(path: Path) -> Example:
    sql = path.read_text(encoding="utf-8")
    comments = [line[3:] for line in sql.splitlines() if line.startswith("-- ")]
    return Example(path.stem, comments[0], " ".join(comments[1:]), sql)


def example(name: str) -> Example:
    """Raises QueryFailed when there is none of that name."""
    found = {one.name: one for one in examples()}
    if name not in found:
        raise QueryFailed(f"there is no example {name}: see `hiring query --examples`")
    return found[name]


def query(
    published: Path,
    sql: str,
    output: Literal["table", "csv", "json"] | str,
    to: TextIO,
    timezone: str = "UTC",
) -> None:
    """Run one query on the published tables and write its rows; times stand in `timezone`.

    SQL cannot read or write other files, use the network or change that.
    Raises QueryFailed.
    """
    if not published.is_file():
        raise QueryFailed(f"{published} is not there yet: run `hiring sync` first")
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            connection.execute("set TimeZone = $1", [timezone])
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            relation = connection.sql(sql)
            if relation is None:
                return
            _WRITERS[output](relation, to)
    except duckdb.Error as error:
        raise QueryFailed(str(error)) from None


def _table(relation: duckdb.DuckDBPyRelation, to: TextIO) -> None:
    names, rows = relation.columns, relation.fetchall()
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    for line in (names, ["-" * width for width in widths], *cells):
        padded = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        to.write(padded.rstrip() + "\n")
    to.write(f"({len(rows):,} rows)\n")


def _csv(relation: duckdb.DuckDBPyRelation, to: TextIO) -> None:
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(relation.columns)
    while rows := relation.fetchmany(BATCH):
        writer.writerows(rows)


def _json(relation: duckdb.DuckDBPyRelation, to: TextIO) -> None:
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    to.write(json.dumps(rows, default=str, indent=2, ensure_ascii=False) + "\n")


_WRITERS = {"table": _table, "csv": _csv, "json": _json}
