"""Bars as HTML: they bend to the width of a phone, print, and follow the page's colours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


def count_bars(data: pd.DataFrame, name: str, k: str, whole: int | None = None) -> str:
    """Bars of counts; the longest is full width, or `whole` is, and then its share is said."""
    largest = whole or max([int(value) for value in data[k]], default=0) or 1
    return bars(
        Bar(
            name=row[name],
            length=int(row[k]) / largest,
            value=text.share(row[k], whole) if whole else text.count(row[k]),
        )
        for row in data.to_dict("records")
    )


def duration_bars(data: pd.DataFrame, name: str, n: str = "hired") -> str:
    """Bars of `median` days with its interval (`low`, `high`) and a tick at `p90`."""
    longest = max((float(v) for v in data["p90"].dropna()), default=0.0) or 1.0
    return bars(_duration_bar(row, name, n, longest) for row in data.to_dict("records"))


def _duration_bar(row: dict[Any, Any], name: str, n: str, longest: float) -> Bar:
    scaled = {
        key: None if text.missing(row[key]) else float(row[key]) / longest
        for key in ("median", "low", "high", "p90")
    }
    is_small = int(row[n]) < text.SMALL
    beside = [] if text.missing(row["low"]) else [text.span(row["low"], row["high"], text.days)]
    beside += [f"90% within {text.days(row['p90'])}", f"n = {text.count(row[n])}"]
    return Bar(
        name=row[name],
        length=scaled["median"],
        value=f"{text.days(row['median'])} <small>{' · '.join(beside)}</small>",
        low=scaled["low"],
        high=scaled["high"],
        tick=scaled["p90"],
        is_pale=is_small,
        mark="few" if is_small else "",
    )
