"""A table of shares, shaded by their size."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from notebooks import text


def heat(
    data: pd.DataFrame, name: str, column: str, columns: list[str], mark: str, caption: str
) -> str:
    """A table of shares k / n, shaded: one row per `name`, one column per value of `column`.

    data: also k and n. mark: true where applications of the row are still open.
    """
    head = "".join(f'<th scope="col" class="number">{text.name(each)}</th>' for each in columns)
    rows = "".join(
        _heat_row(
            str(label),
            {row[column]: row for row in group.to_dict("records")},
            columns,
            "still open" if group[mark].any() else "",
        )
        for label, group in data.groupby(name, sort=False)
    )
    return (
        f'<div class="scroll heat" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table><thead><tr><th scope="col">{text.name(name)}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _heat_row(label: str, cells: dict[Any, dict[Any, Any]], columns: list[Any], mark: str) -> str:
    marked = f' <span class="mark">{mark}</span>' if mark else ""
    html = "".join(_heat_cell(cells.get(column)) for column in columns)
    return f'<tr><th scope="row">{text.name(label)}{marked}</th>{html}</tr>'


def _heat_cell(row: dict[Any, Any] | None) -> str:
    if row is None or not row["n"]:
        return f"<td>{text.NOTHING}</td>"
    k, n = int(row["k"]), int(row["n"])
    kind = "pale" if n < text.SMALL else "share"
    return (
        f'<td class="{kind}" style="--share:{100 * k / n:.2f}%">{text.percent(k / n)}'
        f"<small>{text.count(k)} of {text.count(n)}</small></td>"
    )
