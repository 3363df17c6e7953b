"""The published file, read-only, as the views that a report's filters leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from contract.sql import escaped
from notebooks.filters import Filters
from notebooks.text import missing

# What the pages' queries share. The time zone is the session's, which is the report's.
_MACROS = """
create macro has_ended(outcome) as
    coalesce(outcome in ('hired', 'rejected', 'withdrawn', 'transferred'), false);
create macro month_of(moment) as
    date_trunc('month', timezone(current_setting('timezone'), moment))::date;
create macro days_from(first, last) as epoch_us(last - first) / 86400e6;
"""
_FUNNELS = ("funnel_cohort", "funnel_snapshot", "funnel_activity", "reconciliation")
_MONTH_NAMES = ("cohort_month", "snapshot_month", "month")


class NotPublished(LookupError):
    """A table that the page needs is not in the published file."""


@dataclass
class Published:
    """A connection in which every published table is a view with the filters applied.

    Tables that lack a column for a filter are left as they are; `ignored(table)` names those
    filters, so that a figure can say so. `applications_any_day` is `applications` without the
    period, for comparing periods; `<table>_of_jobs` of the funnels follows the filters of jobs
    alone, so that one can be counted against another. Macros: has_ended(outcome),
    month_of(moment), days_from(first, last).
    """

    connection: duckdb.DuckDBPyConnection
    filters: Filters
    timezone: str
    columns: dict[str, set[str]]

    @classmethod
    def open(
        cls, path: Path | str, filters: Filters | None = None, timezone: str = "UTC"
    ) -> Published:
        """Raises FileNotFoundError when there is no published file."""
        if not Path(path).is_file():
            raise FileNotFoundError(f"{path}: nothing is published yet; run `hiring sync`")
        connection = duckdb.connect(":memory:")
        literal = escaped(path)
        connection.execute(f"attach '{literal}' as published (read_only)")
        connection.execute("set enable_external_access = false")
        connection.execute("set timezone = ?", [timezone])
        opened = cls(connection, filters or Filters(), timezone, _columns(connection))
        connection.execute(_MACROS)
        opened._make_views()
        return opened

    def __enter__(self) -> Published:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def query(self, sql: str, *parameters: Any) -> pd.DataFrame:
        """Run a query over the views. Raises NotPublished when a table is not there."""
        try:
            return self.connection.execute(sql, list(parameters)).df()
        except duckdb.CatalogException as error:
            raise NotPublished(_table_named(str(error))) from None

    def value(self, sql: str, *parameters: Any) -> Any:
        """The single value of a query; None when it has no row or the value is null."""
        frame = self.query(sql, *parameters)
        value = frame.iat[0, 0] if len(frame) else None
        return None if missing(value) else value

    def has(self, table: str) -> bool:
        return table in self.columns

    def ignored(self, table: str) -> list[str]:
        """The active filters that this table has no column for."""
        can = set(_reach(self.columns.get(table, set())))
        return [kind for kind in self.filters.parameters() if kind not in can]

    def scope(self, *scopes: str) -> tuple[str, str, tuple[str, ...]]:
        """Which row of a table of estimates the filters mean: scope, scope_value, and the filters
        that it does not follow. scopes: those that the table has besides `all`, in preference.
        """
        active = self.filters.parameters()
        for scope in scopes:
            if scope in active:
                return scope, active[scope], tuple(kind for kind in active if kind != scope)
        return "all", "all", tuple(active)

    @property
    def as_of(self) -> datetime | None:
        """When the newest event of the file was received, in the report's time zone."""
        return self._freshness("max(as_of)")

    @property
    def received_since(self) -> datetime | None:
        """When the first event was received: what was before is known by later events only."""
        return self._freshness("min(first_landed_at)")

    def _freshness(self, what: str) -> datetime | None:
        found: datetime | None = self.value(
            f"select timezone(current_setting('timezone'), {what}) from freshness"
        )
        return found

    @property
    def today(self) -> date:
        """The day of as_of; without any event the day it is."""
        return (self.as_of or datetime.now(ZoneInfo(self.timezone))).date()

    def _make_views(self) -> None:
        for table, columns in self.columns.items():
            self._view(table, table, columns, self.filters)
        self._special("applications_any_day", "applications", ("since", "until"))
        for table in _FUNNELS:
            self._special(f"{table}_of_jobs", table, ("since", "until", "source"))

    def _special(self, view: str, table: str, without: tuple[str, ...]) -> None:
        """The table under another name, without some of the filters."""
        if table in self.columns:
            given = {k: v for k, v in self.filters.parameters().items() if k not in without}
            self._view(view, table, self.columns[table], Filters.of(given))

    def _view(self, view: str, table: str, columns: set[str], filters: Filters) -> None:
        conditions = " and ".join(_conditions(table, columns, filters)) or "true"
        # A view takes no parameters, so values are written as literals, quoted by _text.
        self.connection.execute(
            f"create view {_name(view)} as select * from published.main.{_name(table)}"
            f" where {conditions}"
        )


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = 'published' and schema_name = 'main' order by all"
    ).fetchall()
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def _reach(columns: set[str]) -> Iterator[str]:
    """The filters that a table with these columns can follow."""
    if "job_uuid" in columns:
        yield from ("job", "sector", "country")
    if "source_name" in columns or {"candidate_uuid", "job_uuid"} <= columns:
        yield "source"
    if columns & {"applied_at", *_MONTH_NAMES} or {"candidate_uuid", "job_uuid"} <= columns:
        yield from ("since", "until")


def _conditions(table: str, columns: set[str], filters: Filters) -> Iterator[str]:
    if "job_uuid" in columns:
        yield from _of_jobs(filters)
    applications = list(_of_applications(filters))
    if table == "applications":
        yield from applications
    elif {"candidate_uuid", "job_uuid"} <= columns and applications:
        yield (
            "(candidate_uuid, job_uuid) in (select (candidate_uuid, job_uuid)"
            f" from published.main.applications where {' and '.join(applications)})"
        )
    else:
        if filters.source and "source_name" in columns:
            yield f"lower(source_name) = lower({_text(filters.source)})"
        yield from _of_months(columns, filters)


def _of_jobs(filters: Filters) -> Iterator[str]:
    if filters.job:
        yield f"lower(job_uuid) = lower({_text(filters.job)})"
    if filters.sector:
        yield (
            "job_uuid in (select job_uuid from published.main.job_sectors"
            f" where lower(sector_name) = lower({_text(filters.sector)}))"
        )
    if filters.country:
        country = _text(filters.country)
        yield (
            "job_uuid in (select job_uuid from published.main.jobs where"
            f" lower(country) = lower({country}) or lower(country_code) = lower({country}))"
        )


def _of_applications(filters: Filters) -> Iterator[str]:
    if filters.source:
        yield f"lower(source_name) = lower({_text(filters.source)})"
    if filters.since:
        yield f"applied_at >= timestamptz '{filters.since} 00:00:00'"
    if filters.until:
        yield f"applied_at < timestamptz '{filters.until + timedelta(days=1)} 00:00:00'"


def _of_months(columns: set[str], filters: Filters) -> Iterator[str]:
    for column in _MONTH_NAMES:
        if column in columns:
            if filters.since:
                yield f"{column} >= date '{_first(filters.since)}'"
            if filters.until:
                yield f"{column} <= date '{_first(filters.until)}'"


def _first(day: date) -> date:
    return day.replace(day=1)


def _text(value: str) -> str:
    return "'" + escaped(value) + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _table_named(message: str) -> str:
    """DuckDB says `Table with name X does not exist`: the name, nothing else of the message."""
    words = message.split()
    table = words[words.index("name") + 1] if "name" in words[:-1] else "?"
    return f"table {table} is not published yet"
