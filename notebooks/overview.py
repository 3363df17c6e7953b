"""The first screen: how is hiring going, against the period before, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from notebooks import text
from notebooks.durations import summary
from notebooks.figures import Html
from notebooks.intervals import wilson
from notebooks.periods import Period


@dataclass(frozen=True)
class Tile:
    """One figure of the first screen. detail: HTML."""

    key: str
    label: str
    figure: str
    detail: str = ""
    is_pale: bool = False

    def html(self) -> str:
        few = ' <span class="mark">few</span>' if self.is_pale else ""
        pale = " class=pale" if self.is_pale else ""
        return (
            f'<li id="{escape(self.key)}"{pale}>'
            f'<span class="label">{escape(self.label)}{few}</span>'
            f'<span class="figure">{self.figure}</span>'
            f'<span class="detail">{self.detail}</span></li>'
        )


def tiles(now: pd.DataFrame, before: pd.DataFrame, open_now: int, period: Period) -> Html:
    """The tiles of a period. now, before: one row per application with columns
    applied, ended, hired (true when that fell into the period) and days (applied to hired).
    """
    shown = [
        _counted("applications", "Applications", "applied", now, before),
        _counted("hires", "Hires", "hired", now, before),
        _time_to_hire(now, before),
        _conversion(now, before),
        Tile("tile-open", "Open now", text.count(open_now), "applications not at an end"),
    ]
    compared = f"{period.words()}, compared with the {period.length} days before"
    items = "".join(tile.html() for tile in shown)
    return Html(f'<p class="facts">{escape(compared)}</p><ul class="tiles">{items}</ul>')


def _counted(key: str, label: str, column: str, now: pd.DataFrame, before: pd.DataFrame) -> Tile:
    k, earlier = int(now[column].sum()), int(before[column].sum())
    return Tile(
        f"tile-{key}", label, text.count(k), f"before: {text.count(earlier)}{_change(k, earlier)}"
    )


def _change(now: int, before: int) -> str:
    """The relative change; none where the earlier count is too small to be divided by."""
    if before < text.SMALL:
        return ""
    return f" ({100 * (now - before) / before:+.0f}%)".replace("-", "−")


def _time_to_hire(now: pd.DataFrame, before: pd.DataFrame) -> Tile:
    found, earlier = (summary(each.loc[each["hired"], "days"]) for each in (now, before))
    return Tile(
        "tile-time-to-hire",
        "Median time to hire",
        text.days(found["median"]),
        f"{_interval(found['low'], found['high'], text.days)}n = {found['n']};"
        f" before: {text.days(earlier['median'])}",
        is_pale=int(found["n"] or 0) < text.SMALL,
    )


def _conversion(now: pd.DataFrame, before: pd.DataFrame) -> Tile:
    (k, n), (k_before, n_before) = (
        (int((each["hired"] & each["ended"]).sum()), int(each["ended"].sum()))
        for each in (now, before)
    )
    interval = wilson(k, n)
    low, high = interval if interval else (None, None)
    return Tile(
        "tile-conversion",
        "Hired, of those that ended",
        text.percent(k / n) if n else text.NOTHING,
        f"{_interval(low, high, text.percent)}{text.count(k)} of {text.count(n)};"
        f" before: {text.percent(k_before / n_before) if n_before else text.NOTHING}",
        is_pale=n < text.SMALL,
    )


def _interval(low: Any, high: Any, form: Any) -> str:
    return "" if text.missing(low) else f"{text.span(low, high, form)}, "


def attention(findings: Iterable[tuple[int, str]]) -> Html:
    """What needs attention. findings: count and sentence; a count of 0 is nothing to say."""
    said = "".join(f"<li>{escape(sentence)}</li>" for count, sentence in findings if count)
    if not said:
        return Html('<p class="says">Nothing needs attention.</p>')
    return Html(f'<ul class="attention">{said}</ul>')
