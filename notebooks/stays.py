"""Curves of time in stage: which are drawn, how far, and what stands below each."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import pandas as pd

from notebooks import bars, charts, text

MOST = 9  # curves in one figure: more would not fit on a printed page
LEVELS = (0.75, 0.5, 0.25, 0.1)
_ROUNDING = 1e-9


def largest(curves: pd.DataFrame) -> pd.DataFrame:
    """The curves of the stages with most stays, in the order in which they came.

    curves: rows of time_in_stage_curve of one scope. A stage that all leave at once, as one that
    means the end, has no curve to look at.
    """
    lasting = curves.groupby("stage")["survival"].transform("max") > 0
    curves = curves[lasting]
    stays = curves.groupby("stage", sort=False)["at_risk"].max()
    kept = stays.nlargest(MOST).index
    return curves[curves["stage"].isin(kept)].reset_index(drop=True)


def last_day(curves: pd.DataFrame) -> float:
    """As far as the curves are drawn: to where so few are followed that they say little."""
    enough = curves.loc[curves["at_risk"] >= text.SMALL, "day"]
    return float((enough if len(enough) and enough.max() > 0 else curves["day"]).max())


def levels(curve: pd.DataFrame) -> pd.DataFrame:
    """When three quarters, half, a quarter and a tenth are still there: level, day, at_risk.

    curve: the rows of one stage. Null where it does not get there.
    """
    rows = []
    for level in LEVELS:
        reached = curve[curve["survival"] <= level + _ROUNDING].head(1)
        day, at_risk = reached[["day", "at_risk"]].iloc[0] if len(reached) else (None, None)
        rows.append({"level": level, "day": day, "at_risk": at_risk})
    return pd.DataFrame(rows).astype({"day": float, "at_risk": float})


def drawing(curves: pd.DataFrame) -> str:
    """The curves side by side, below each when which share was still there, as HTML."""
    return f'<div class="curves">{bars.side(_panels(curves))}</div>'


def _panels(curves: pd.DataFrame) -> Iterator[tuple[str, str]]:
    until = last_day(curves) if len(curves) else 0.0
    for number, (stage, curve) in enumerate(curves.groupby("stage", sort=False)):
        stays, found = int(curve["at_risk"].max()), levels(curve)
        few = " (few)" if stays < text.SMALL else ""
        svg = charts.small(f"stay-{number}", _says(str(stage), found), curve, until)
        yield f"{stage}, {text.count(stays)} stays{few}", svg + _table(str(stage), found)


def _says(stage: str, found: pd.DataFrame) -> str:
    said = [
        f"{text.percent(row['level'])} after {text.days(row['day'])}"
        for row in found.dropna().to_dict("records")
    ]
    return f"Still in {stage}: {', '.join(said) or 'not known yet'}."


def _table(stage: str, found: pd.DataFrame) -> str:
    head = "".join(f'<th scope="col">{each}</th>' for each in ("still there", "after", "at risk"))
    rows = "".join(_level(row) for row in found.to_dict("records"))
    return (
        f'<table class="levels" aria-label="{escape(stage)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _level(row: dict[Any, Any]) -> str:
    enough = not text.missing(row["at_risk"]) and row["at_risk"] >= text.SMALL
    return (
        f"<tr{'' if enough else ' class=pale'}>"
        f'<th scope="row">{text.percent(row["level"])}</th><td>{text.days(row["day"])}</td>'
        f"<td>{text.count(row['at_risk'])}</td></tr>"
    )
