"""Charts as inline SVG: pandas in, drawn by Altair and vl-convert, no browser, no network.

Each chart is drawn twice, wide and narrow; the page shows the one that fits. Colours are the
page's CSS variables, so dark mode and print need no second drawing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from notebooks.text import SMALL

WIDE, NARROW = 640, 290
# Okabe-Ito, in the order in which series take them (page.css holds the values).
SERIES = [f"var(--series-{number})" for number in range(1, 8)]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4], [4, 1]]

_CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--soft)",
        "labelFontSize": 12,
        "orient": "bottom",
        "columns": 3,
        "symbolSize": 300,
        "labelLimit": 160,
    },
    "text": {"color": "var(--ink)", "fontSize": 12},
}


Chart = Callable[[int], Any]  # of a width in pixels


def drawn(key: str, says: str, chart: Chart | None) -> str:
    """The chart as HTML, once for a wide page and once for a phone; nothing for no chart."""
    if chart is None:
        return ""
    return "".join(
        f'<div class="{kind}">{_svg(f"{key}-{kind}", says, chart(width))}</div>'
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
    )


def _svg(key: str, says: str, chart: Any) -> str:
    svg = vl_convert.vegalite_to_svg({**chart.to_dict(), "config": _CONFIG})
    return _described(_rounded(_with_own_ids(svg, key)), says)


def _rounded(svg: str) -> str:
    """Hundredths of a pixel are more than anyone sees, and half of the file."""
    return re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", svg)


def _with_own_ids(svg: str, key: str) -> str:
    """Ids of Vega are counted per process: make them the figure's own, alike in every run."""
    found: dict[str, str] = {}
    for old in re.findall(r'\bid="([^"]+)"', svg):
        found.setdefault(old, f"{key}-{len(found)}")
    for old, new in found.items():
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    return svg


def _described(svg: str, says: str) -> str:
    """One image with one description; its inner roles would be read out number by number."""
    inner = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    inner = re.sub(r'(<svg[^>]*?) width="\d+" height="\d+"', r"\1", inner, count=1)
    return inner.replace("<svg ", f'<svg role="img" aria-label="{escape(says)}" ', 1)


def monthly_rates(data: pd.DataFrame, title: str) -> Chart | None:
    """Rates by month with intervals. Columns: month, rate, low, high, is_mature, is_small."""
    if not len(data):
        return None
    months = pd.date_range(data["month"].min(), data["month"].max(), freq="MS")
    order = [f"{month:%b %Y}" for month in months]  # months without applications keep their place
    data = data.assign(label=[f"{month:%b %Y}" for month in data["month"]])

    def chart(width: int) -> Any:
        step = max(1, -(-len(order) // (12 if width == WIDE else 4)))
        x = alt.X(
            "label:O",
            scale=alt.Scale(domain=order),
            title=None,
            axis=alt.Axis(labelAngle=0, values=order[::step], labelOverlap=True, grid=False),
        )
        scale = alt.Scale(zero=True, nice=True)
        y = alt.Y("rate:Q", title=title, scale=scale, axis=alt.Axis(format=".0%", tickCount=5))
        base = alt.Chart(data, width=width, height=220)
        whisker = base.mark_rule(color="var(--soft)").encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
        colour = alt.condition("datum.is_small", alt.value("var(--pale)"), alt.value(SERIES[0]))
        point = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(
            x=x, y=y, stroke=colour, fill=colour
        )
        hollow = base.transform_filter("!datum.is_mature").mark_point(
            size=25, opacity=1, filled=True, color="var(--card)"
        )
        return whisker + point + hollow.encode(x=x, y=y)

    return chart


def histogram(bins: pd.DataFrame, median: float | None, unit: str) -> Chart | None:
    """Counts by day. Columns: from_day, to_day, count; a line stands at the median."""
    if not len(bins):
        return None

    def chart(width: int) -> Any:
        x = alt.X("from_day:Q", title="days", axis=alt.Axis(grid=False, tickCount=width // 60))
        y = alt.Y("count:Q", title=unit, axis=alt.Axis(tickMinStep=1, tickCount=5))
        base = alt.Chart(bins, width=width, height=220)
        drawn = base.mark_bar(color="var(--bar)", stroke="var(--card)").encode(
            x=x, x2="to_day:Q", y=y, y2=alt.datum(0)
        )
        if median is None:
            return drawn
        line = alt.Chart(pd.DataFrame({"median": [median]})).mark_rule(
            color="var(--mark)", strokeWidth=2
        )
        return drawn + line.encode(x="median:Q")

    return chart


def small(key: str, says: str, curve: pd.DataFrame, until: float) -> str:
    """One survival curve among several: steps with a 95 % band, up to a day, as HTML.

    Columns: day, at_risk, survival, survival_low, survival_high. Grey where few are at risk.
    """
    shown = _until(curve, until)
    followed = shown[shown["at_risk"] >= SMALL]
    x = alt.X(
        "day:Q",
        title=None,
        scale=alt.Scale(domain=[0, until], nice=False),
        axis=alt.Axis(tickCount=4, grid=False),
    )
    share = alt.Scale(domain=[0, 1])
    y = alt.Y("survival:Q", title=None, scale=share, axis=alt.Axis(format=".0%", tickCount=3))
    base = alt.Chart(shown, width=NARROW - 50, height=120).encode(x=x)
    known = base.properties(data=followed)
    step = {"interpolate": "step-after", "strokeWidth": 2}
    band = known.mark_area(interpolate="step-after", color="var(--bar)", opacity=0.35)
    return _svg(
        key,
        says,
        band.encode(y=alt.Y("survival_low:Q", scale=share), y2="survival_high:Q")
        + base.mark_line(color="var(--pale)", **step).encode(y=y)
        + known.mark_line(color=SERIES[0], **step).encode(y=y),
    )


def _until(curve: pd.DataFrame, until: float) -> pd.DataFrame:
    """The curve up to a day; one that goes on beyond stands there as it did before."""
    shown = curve[curve["day"] <= until]
    beyond = curve[curve["day"] > until].head(1)
    if not len(beyond):
        return shown
    end = shown.tail(1).assign(day=until, at_risk=beyond["at_risk"].to_numpy())
    return pd.concat([shown, end])


def incidence(data: pd.DataFrame) -> Chart | None:
    """Share hired by days since application. Columns: days, share, low, high."""
    data = data[data["share"].notna()]
    if not len(data):
        return None

    def chart(width: int) -> Any:
        days = alt.Axis(values=[0, *data["days"]], grid=False)
        base = alt.Chart(data, width=width, height=220).encode(
            x=alt.X("days:Q", title="days since application", axis=days)
        )
        share = alt.Y("share:Q", title="hired by then", axis=alt.Axis(format=".0%", tickCount=5))
        whisker = base.mark_rule(color="var(--soft)").encode(y="low:Q", y2="high:Q")
        line = base.mark_line(color=SERIES[0], strokeWidth=2).encode(y=share)
        points = base.mark_point(size=70, filled=True, opacity=1, color=SERIES[0])
        return whisker + line + points.encode(y=share)

    return chart
