"""What a figure says in a sentence, and names that tell rows apart."""

from __future__ import annotations

from typing import Any

import pandas as pd

from notebooks import text


def window(months: pd.Series) -> str:
    """The months that a figure spans, whatever their order."""
    months = months.dropna()
    if not len(months):
        return "no month yet"
    first, last = text.month(months.min()), text.month(months.max())
    return first if first == last else f"{first} to {last}"


def of_funnel(stages: pd.DataFrame) -> str:
    """Where most are lost. stages: what funnel.summed gives."""
    fit = stages[(stages["finished"] >= text.SMALL) & (stages["rate"] < 1)]
    if not len(fit):
        return "Too few applications are done with a stage for a rate."
    least = fit.sort_values("rate", kind="stable").iloc[0]
    return (
        f"Fewest go on from {least['stage']}: {text.share(least['went_on'], least['finished'])}"
        " of those that are done with it."
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
    if not found["n"]:
        return "No one was hired yet."
    return (
        f"Half of the {text.count(found['n'])} hires took {text.days(found['median'])} or less,"
        f" nine in ten {text.days(found['p90'])} or less."
    )


def shown(data: pd.DataFrame, most: int, rows: str, by: str) -> str:
    """How many of the rows are drawn."""
    if not len(data):
        return "None."
    if len(data) <= most:
        return f"{rows.capitalize()}: all {len(data):,}, most {by} first."
    return f"The {most} {rows} with most {by}; the data table has all {len(data):,}."


def left_out(drawn: int, of: int) -> tuple[str, ...]:
    """A note on stages that are not drawn, if there are any."""
    if drawn >= of:
        return ()
    return (f"Drawn are the {drawn} stages that most applications reached; the data has {of}.",)


def apart(titles: pd.Series, cities: pd.Series, ids: pd.Series) -> list[str]:
    """Titles; where jobs share one with the city, and with the id's beginning if that is no help.

    An id that stands for no job (null) is one, too.
    """
    names = titles.astype(str)
    given = cities.notna() & (cities != "")
    for more in (", " + cities.fillna("").astype(str), " (" + ids.astype(str).str[:8] + ")"):
        twice = names.duplicated(keep=False)
        names = names.where(~(twice & given), names + more)
        given = pd.Series(True, index=titles.index)
    return names.tolist()


def best(rates: pd.DataFrame, name: str, k: str, n: str) -> str:
    """The highest rate, if its interval stands apart from that of all rows together.

    Only rows of 10 or more and without open ones are compared: the rest is small or not final.
    """
    fit = rates[(rates[n] >= text.SMALL) & (rates["open"] == 0)]
    if len(fit) < 2:
        return "Too few rows are large and complete enough to be compared."
    top = fit.sort_values("rate", ascending=False, kind="stable").iloc[0]
    whole = fit[k].sum() / fit[n].sum()
    if top["low"] <= whole:
        return "Of those that are complete, none stands apart: chance explains the differences."
    of_all = f"{text.percent(whole)} of all"
    return f"{top[name]} stands out: {text.share(top[k], top[n])} against {of_all}."


def of_fills(fills: pd.DataFrame) -> str:
    """fills: rows of time_to_fill."""
    filled = fills[fills["days_to_fill"].notna()]
    waiting = int(fills["is_censored"].sum())
    rest = len(fills) - len(filled) - waiting
    said = f"{text.count(len(filled))} jobs are filled, {text.count(waiting)} wait for a hire"
    said += f", {text.count(rest)} ended without one or have no usable dates."
    if len(filled):
        said += f" Half of the filled took {text.days(filled['days_to_fill'].median())} or less."
    return said


def of_incidence(row: pd.DataFrame) -> str:
    """row: the row of time_to_hire, if there is one."""
    known = [d for d in (180, 90, 60, 30) if len(row) and row[f"incidence_{d}"].notna().all()]
    if not known:
        return "Applications were not followed for 30 days yet."
    days, share = known[0], float(row[f"incidence_{known[0]}"].iloc[0])
    low, high = (float(row[f"incidence_{days}_{end}"].iloc[0]) for end in ("low", "high"))
    said = f"{text.percent(share)} ({text.span(low, high)}) are hired within {days} days"
    half = row["half_incidence_days"].iloc[0]
    return said + ("." if text.missing(half) else f"; half of them within {text.days(half)}.")


def of_scores(kinds: dict[str, pd.DataFrame]) -> str:
    """kinds: score kind -> its rows of score_calibration."""
    said = [
        f"{text.score(kind)}: {text.percent(row['auc_advanced'])}"
        f" ({text.span(row['auc_advanced_low'], row['auc_advanced_high'])})"
        for kind, row in ((kind, rows.iloc[0]) for kind, rows in kinds.items())
        if not text.missing(row["auc_advanced"])
    ]
    if not said:
        return "There are too few scores to tell."
    return (
        "How often one who went on had the higher score than one who did not (50%: no better than"
        f" chance): {'; '.join(said)}."
    )
