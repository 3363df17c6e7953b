"""Bars as HTML: they bend to the width of a phone, print, and follow the page's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from notebooks import text
from notebooks.intervals import wilson


@dataclass(frozen=True)
class Bar:
    """One bar. length, low, high, tick: shares of the full width, 0 to 1. value: HTML."""

    name: str
    length: float | None
    value: str
    low: float | None = None
    high: float | None = None
    tick: float | None = None
    is_pale: bool = False
    mark: str = ""

    def html(self) -> str:
        drawn = "" if self.length is None else f'<i style="width:{_at(self.length)}"></i>'
        if self.low is not None and self.high is not None:
            width = _at(self.high - self.low)
            drawn += f'<b style="left:{_at(self.low)};width:{width}"></b>'
        if self.tick is not None:
            drawn += f'<u style="left:{_at(self.tick)}"></u>'
        mark = f' <span class="mark">{self.mark}</span>' if self.mark else ""
        return (
            f'<li{" class=pale" if self.is_pale else ""}><span class="name">{text.name(self.name)}'
            f'{mark}</span><span class="track" aria-hidden="true">{drawn}</span>'
            f'<span class="value">{self.value}</span></li>'
        )


def _at(share: float) -> str:
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"


def bars(rows: Iterable[Bar]) -> str:
    return f'<ul class="bars">{"".join(row.html() for row in rows)}</ul>'


def rate_bars(data: pd.DataFrame, name: str, k: str, n: str, immature: str | None = None) -> str:
    """Bars of k / n with the 95 % interval over them and k, n and % beside them.

    name, k, n, immature: columns; immature is true where applications are still open.
    """
    return bars(_rate_bar(row, name, k, n, immature) for row in data.to_dict("records"))


def _rate_bar(row: dict[Any, Any], name: str, k: str, n: str, immature: str | None) -> Bar:
    interval = wilson(int(row[k]), int(row[n]))
    low, high = interval if interval else (None, None)
    is_small = int(row[n]) < text.SMALL
    marks = ["still open"] if immature and row[immature] else []
    marks += ["few"] if is_small else []
    return Bar(
        name=row[name],
        length=int(row[k]) / int(row[n]) if row[n] else None,
        value=f"{text.share(row[k], row[n])} <small>{text.span(low, high)}</small>",
        low=low,
        high=high,
        is_pale=is_small,
        mark=", ".join(marks),
    )


def side(parts: Iterable[tuple[str, str]]) -> str:
    """Drawings side by side, each under its name; on a phone one below the other."""
    inner = "".join(f"<div><h4>{text.name(name)}</h4>{html}</div>" for name, html in parts)
    return f'<div class="side">{inner}</div>'


def share_bars(data: pd.DataFrame, name: str, k: str, of: str) -> str:
    """Bars of counts `k` as shares of `of`, both columns; for counts that are no sample."""
    return bars(
        Bar(
            name=row[name],
            length=int(row[k]) / int(row[of]) if row[of] else None,
            value=text.share(row[k], row[of]),
            is_pale=int(row[of]) < text.SMALL,
        )
        for row in data.to_dict("records")
    )


def count_bars(data: pd.DataFrame, name: str, k: str, largest: int | None = None) -> str:
    """Bars of counts, the longest (or `largest`) over the full width."""
    full = largest or max([int(value) for value in data[k]], default=0) or 1
    return bars(
        Bar(name=row[name], length=int(row[k]) / full, value=text.count(row[k]))
        for row in data.to_dict("records")
    )


def value_bars(data: pd.DataFrame, name: str, value: str, form: Callable[[Any], str]) -> str:
    """Bars of single values, said by `form`, the longest over the full width."""
    full = max([float(each) for each in data[value]], default=0.0) or 1.0
    return bars(
        Bar(name=row[name], length=float(row[value]) / full, value=form(row[value]))
        for row in data.to_dict("records")
    )


def estimate_bars(data: pd.DataFrame, name: str, form: Callable[[Any], str]) -> str:
    """Bars of estimates with their intervals. Columns: value, low, high, n, beside (text or '').

    Shares are drawn on 0 to 1, all else up to the largest value or end of an interval.
    """
    fit = data[data["n"] >= text.SMALL]
    ends = [*fit["value"], *fit["high"]]
    largest = max((float(end) for end in ends if not text.missing(end)), default=0.0)
    full = 1.0 if form is text.percent else largest or 1.0
    return bars(_estimate_bar(row, name, form, full) for row in data.to_dict("records"))


def _estimate_bar(row: dict[Any, Any], name: str, form: Callable[[Any], str], full: float) -> Bar:
    ends = {
        key: None if text.missing(row[key]) else float(row[key]) / full
        for key in ("value", "low", "high")
    }
    is_small = int(row["n"]) < text.SMALL
    beside = [] if text.missing(row["value"]) else [text.span(row["low"], row["high"], form)]
    beside += [str(row["beside"])] if row["beside"] else []
    beside += [f"n\u00a0=\u00a0{text.count(row['n'])}"]
    return Bar(
        name=row[name],
        length=ends["value"],
        value=f"{form(row['value'])} <small>{' · '.join(map(escape, beside))}</small>",
        low=ends["low"],
        high=ends["high"],
        is_pale=is_small,
        mark="few" if is_small else "",
    )


def duration_bars(data: pd.DataFrame, name: str, n: str = "n") -> str:
    """Bars of `median` days with its interval (`low`, `high`) and a tick at `p90`."""
    ends = data[["p90", "high"]].max(axis=1).where(data[n] >= text.SMALL, data["median"])
    longest = float(ends.max()) if ends.notna().any() else 1.0
    longest = longest or 1.0
    return bars(_duration_bar(row, name, n, longest) for row in data.to_dict("records"))


def _duration_bar(row: dict[Any, Any], name: str, n: str, longest: float) -> Bar:
    scaled = {
        key: None if text.missing(row[key]) else float(row[key]) / longest
        for key in ("median", "low", "high", "p90")
    }
    is_small = int(row[n]) < text.SMALL
    beside = []
    if not is_small:  # of a few, neither an interval nor nine in ten says anything
        interval = text.bare(text.span(row["low"], row["high"], text.days))
        beside = [interval, f"90% ≤ {text.bare(text.days(row['p90']))}"]
    beside += [f"n\u00a0=\u00a0{text.count(row[n])}"]
    return Bar(
        name=row[name],
        length=scaled["median"],
        value=f"{text.days(row['median'])} <small>{' · '.join(beside)}</small>",
        low=None if is_small else scaled["low"],
        high=None if is_small else scaled["high"],
        tick=None if is_small else scaled["p90"],
        is_pale=is_small,
        mark="few" if is_small else "",
    )
