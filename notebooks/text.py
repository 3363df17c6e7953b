"""How numbers, dates and text look on a page and in a CSV file: one form each."""

from __future__ import annotations

import csv
import io
import math
from base64 import b64encode
from datetime import date, datetime
from html import escape
from typing import Any

import pandas as pd

SMALL = 10  # below this n a rate says little: shown greyed, never ranked
NOTHING = "–"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def missing(value: Any) -> bool:
    return (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (isinstance(value, float) and math.isnan(value))
    )


def count(value: Any) -> str:
    return NOTHING if missing(value) else f"{int(value):,}"


def percent(value: Any) -> str:
    """A share of 0 to 1 as text; one decimal below 10 %, so that small shares stay apart."""
    if missing(value):
        return NOTHING
    share = 100 * float(value)
    return f"{share:.1f}%" if 0 < share < 9.95 else f"{share:.0f}%"


def days(value: Any) -> str:
    """A duration given in days as text."""
    if missing(value):
        return NOTHING
    text = f"{float(value):,.1f}"
    return f"{text} day" if text == "1.0" else f"{text} days"


def span(low: Any, high: Any, form: Any = percent) -> str:
    """An interval as text: `12%–18%`."""
    if missing(low) or missing(high):
        return NOTHING
    return f"{bare(form(low))}–{form(high)}"


def bare(duration: str) -> str:
    """A duration without its unit, where the unit stands beside it already."""
    return duration.removesuffix(" days").removesuffix(" day")


def share(k: Any, n: Any) -> str:
    """`12 of 40 (30%)`."""
    if missing(n) or missing(k):
        return NOTHING
    whole = f"{count(k)} of {count(n)}"
    return f"{whole} ({percent(int(k) / int(n))})" if n else whole


def month(value: date) -> str:
    return f"{value:%b %Y}"


def time(value: datetime, zone: str) -> str:
    return f"{value:%Y-%m-%d %H:%M} {zone}"


def name(value: Any) -> str:
    """Text from the data as HTML: escaped, and isolated so that its direction stays its own."""
    return f"<bdi>{escape(NOTHING if missing(value) or value == '' else str(value))}</bdi>"


def stage(value: Any) -> str:
    """A stage as a reader sees it: our canonical names are kept in lower case."""
    return NOTHING if missing(value) or not value else str(value)[:1].upper() + str(value)[1:]


def score(kind: str) -> str:
    """A kind of score as a reader sees it: `ai_score` is the AI score."""
    return stage(kind.replace("_", " ")).replace("Ai ", "AI ")


def cell(value: Any) -> str:
    """A value of a data table as text."""
    if missing(value):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) >= 1 else f"{value:,.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime) and (value.hour or value.minute):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value)


def _csv_cell(value: Any) -> Any:
    """A spreadsheet runs text that starts like a formula: an apostrophe keeps it text."""
    if missing(value):
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return "'" + value
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date()
    if isinstance(value, float):
        return f"{value:.10g}"  # the rest is noise of doubles, and a third of the file
    return value


def csv_text(data: pd.DataFrame) -> str:
    """The table as CSV (RFC 4180)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_csv_cell(str(column)) for column in data.columns])
    for row in data.astype(object).itertuples(index=False):
        writer.writerow([_csv_cell(value) for value in row])
    return buffer.getvalue()


def csv_link(data: pd.DataFrame) -> str:
    """The table as a data: URI; with a byte order mark, or Excel takes UTF-8 for Latin-1."""
    return "data:text/csv;charset=utf-8;base64," + b64encode(
        csv_text(data).encode("utf-8-sig")
    ).decode("ascii")
