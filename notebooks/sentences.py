"""What a figure says in a sentence, and names that tell rows apart."""

from __future__ import annotations

from typing import Any

import pandas as pd

from notebooks import text


def window(months: pd.DataFrame) -> str:
    """The months that a figure spans. months: one row with first and last."""
    if not len(months) or text.missing(months["first"][0]):
        return "no month yet"
    first, last = (text.month(months[end][0]) for end in ("first", "last"))
    return first if first == last else f"{first} to {last}"


def of_funnel(stages: pd.DataFrame) -> str:
    """stages: stage and reached, in the order of the funnel."""
    if not len(stages):
        return "No application has entered a stage yet."
    whole = int(stages["reached"].max())
    last = stages.iloc[-1]
    return (
        f"Of {text.count(whole)} applications that entered any stage, {text.count(last['reached'])}"
        f" ({text.percent(last['reached'] / whole)}) reached the last one, {last['stage']}."
    )


def of_months(rates: pd.DataFrame) -> str:
    """rates: month, hired, ended, open."""
    final = rates[(rates["open"] == 0) & (rates["ended"] >= text.SMALL)]
    if not len(final):
        return "No month of 10 or more applications has come to its end yet."
    k, n = int(final["hired"].sum()), int(final["ended"].sum())
    return f"In the months that are complete ({len(final)}), {text.share(k, n)} were hired."


def of_durations(found: dict[str, Any]) -> str:
    """found: what durations.summary gives."""
    if not found["hired"]:
        return "No one was hired yet."
    return (
        f"Half of the {text.count(found['hired'])} hires took {text.days(found['median'])} or less,"
        f" nine in ten {text.days(found['p90'])} or less."
    )


def shown(data: pd.DataFrame, most: int, rows: str, by: str) -> str:
    """How many of the rows are drawn."""
    if len(data) <= most:
        return f"All {len(data):,} {rows}, most {by} first."
    return f"The {most} {rows} with most {by}; the data table has all {len(data):,}."


def apart(titles: pd.Series, ids: pd.Series) -> list[str]:
    """Titles, with the beginning of the id where two jobs share one."""
    twice = titles.duplicated(keep=False)
    return [
        f"{title} ({str(id_)[:8]})" if double else str(title)
        for title, id_, double in zip(titles, ids, twice, strict=True)
    ]
