"""The data dictionary: one HTML page made from what the published file says of itself."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from contract import durable
from warehouse.descriptions import marts
from warehouse.query import Example, QueryFailed, examples

TEMPLATES = Path(__file__).parent / "template"
MODE, FOLDER_MODE = 0o640, 0o750  # as reports: the analysts' group reads

# What a column's name and type say of its unit, first match wins.
UNITS = (
    (r"TIMESTAMP", r"", "time"),
    (r"DATE", r"month$", "month"),
    (r"DATE", r"", "day"),
    (r"BOOLEAN", r"", "yes or no"),
    (r"DOUBLE", r"^(day$|days_|.*_days)", "days"),
    (r"DOUBLE", r"latitude|longitude", "degrees"),
    (r"DOUBLE", r"^(pass_through|bound|incidence|survival|auc|.*_rate|.*_share)", "0 to 1"),
    (r"DOUBLE", r"^(advanced|hired)_(low|high)$", "0 to 1"),
    (r"DOUBLE", r"score", "points"),
    (r"DECIMAL", r"salary", "money"),
    (r"(BIG)?INT", r"order|_k$|position|number|band|format", "number"),
    (r"(BIG)?INT", r"", "count"),
    (r"VARCHAR", r"", ""),
)


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    unit: str | None
    comment: str


@dataclass(frozen=True)
class Table:
    """key: the columns that name a row. examples: those that ask it."""

    name: str
    comment: str
    rows: int
    key: tuple[str, ...]
    columns: list[Column]
    examples: list[str]


@dataclass(frozen=True)
class Metric:
    """table: where it stands, or None when the payload cannot give it."""

    name: str
    table: str | None
    unit: str
    definition: str


def write_dictionary(published: Path, path: Path, group: str | None = None) -> Path:
    """Write the page of a published file; it needs no other file and no network.

    group: the Unix group that may read it. Raises QueryFailed when nothing is published yet.
    """
    page = page_of(published)
    durable.make_directory(path.absolute().parent, FOLDER_MODE)
    durable.write(path, [page.encode()], MODE)
    path.chmod(MODE)  # whatever the umask
    if group is not None:
        shutil.chown(path, group=group)
    return path


def page_of(published: Path) -> str:
    """The page as text."""
    tables, metrics, as_of = read(published)
    style, script = (
        (TEMPLATES / f"dictionary.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    shell = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return shell.get_template("dictionary.html.j2").render(
        tables=tables,
        columns=sum(len(table.columns) for table in tables),
        metrics=metrics,
        examples=examples(),
        as_of="no event yet" if as_of is None else f"{as_of:%Y-%m-%d %H:%M} UTC",
        style=Markup(style),  # noqa: S704  our own files
        script=Markup(script),  # noqa: S704
        policy=policy(style, script),
    )


def read(published: Path) -> tuple[list[Table], list[Metric], datetime | None]:
    """Tables with their comments, the metrics, and as of when; from the file alone."""
    if not published.is_file():
        raise QueryFailed(f"{published} is not there yet: run `hiring sync` first")
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = [_table(connection, *row) for row in _rows(connection, _TABLES)]
        metrics = [Metric(*row) for row in _rows(connection, _METRICS)]
        ((as_of,),) = _rows(connection, "select max(as_of) from freshness")
    return tables, metrics, as_of and as_of.astimezone(UTC)


_TABLES = "select table_name, comment from duckdb_tables() order by 1"
_METRICS = """
select metric, table_name, unit, definition from metric_definitions
order by table_name is null, metric
"""
_COLUMNS = """
select column_name, data_type, comment from duckdb_columns() where table_name = $1
order by column_index
"""


def _table(connection: duckdb.DuckDBPyConnection, name: str, comment: str) -> Table:
    columns = [
        Column(column, kind, unit(column, kind), meaning or "")
        for column, kind, meaning in _rows(connection, _COLUMNS, name)
    ]
    ((rows,),) = _rows(connection, f'select count(*) from "{name}"')
    keys = {mart.name: mart.grain for mart in marts()}
    asked_by = [one.name for one in examples() if asks(one, name)]
    return Table(name, comment or "", rows, keys.get(name, ()), columns, asked_by)


def asks(example: Example, table: str) -> bool:
    return re.search(rf"\b(from|join) {table}\b", example.sql) is not None


def unit(column: str, kind: str) -> str | None:
    """The unit of a column; None when nothing says it, empty for text."""
    for of_kind, name, found in UNITS:
        if re.match(of_kind, kind) and re.search(name, column):
            return found
    return None


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, *given: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql, given).fetchall()


def policy(style: str, script: str) -> str:
    """Nothing from outside, and no style and script but these."""
    style_hash, script_hash = (
        b64encode(sha256(text.encode()).digest()).decode("ascii") for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "base-uri 'none'; form-action 'none'"
    )
