"""A figure as HTML: title, what it counts, the drawing, its data as a table and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from notebooks import text
from notebooks.published import Published

MOST_ROWS = 200  # of a table in the page; its CSV has all, up to
MOST_IN_CSV = 2000  # a page with thousands of jobs should still open on a phone


@dataclass(frozen=True)
class Html:
    """HTML that a notebook shows as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __add__(self, other: Html) -> Html:
        return Html(self.html + other.html)


@dataclass(frozen=True)
class Facts:
    """What stands below every title: what is counted, by which date, over which time."""

    as_of: str
    received_since: str | None = None
    conditions: tuple[str, ...] = ()

    def line(
        self, unit: str, dated: str, window: str, n: int | None, ignored: Sequence[str]
    ) -> str:
        """The facts of one figure as HTML; no unit: nothing is counted.

        ignored: filters that the figure cannot follow.
        """
        parts = [f"Counts {unit}", f"dated by {dated}", window] if unit else []
        parts += [f"n = {text.count(n)}"] if n is not None else []
        parts += [f"as of {self.as_of}"]
        parts += [f"events received since {self.received_since}"] if self.received_since else []
        parts += self.conditions
        html = " · ".join(escape(part) for part in parts)
        if ignored:
            html += f' <strong class="mark">not narrowed by {escape(", ".join(ignored))}</strong>'
        return html


@dataclass(frozen=True)
class Figure:
    """One figure of a page.

    key: its id in the page, unique over all pages. says: the drawing in a sentence, for those who
    do not see it. data: what is drawn, as published. notes: sentences that belong below it.
    """

    key: str
    title: str
    drawing: str
    says: str
    data: pd.DataFrame
    unit: str = "applications"
    dated: str = "day of application"
    window: str = "all months"
    n: int | None = None
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def show(self, facts: Facts) -> Html:
        line = facts.line(self.unit, self.dated, self.window, self.n, self.ignored)
        notes = "".join(f"<p class='note'>{escape(note)}</p>" for note in self.notes)
        drawing = self.drawing if len(self.data) else "<p class='empty'>Nothing to show yet.</p>"
        return Html(
            f'<figure id="{escape(self.key)}"><figcaption><h3>{escape(self.title)}</h3>'
            f'<p class="facts">{line}</p><p class="says">{escape(self.says)}</p></figcaption>'
            f'<div class="drawing">{drawing}</div>{notes}{self._table()}</figure>'
        )

    def _table(self) -> str:
        if not len(self.data):
            return ""
        rows = f"{len(self.data):,} row{'s' if len(self.data) != 1 else ''}"
        held = self.data.head(MOST_IN_CSV)
        first = f" (the first {len(held):,} rows; `hiring query` gives all)"
        return (
            f"<details><summary>Data ({rows})</summary>"
            f'<p><a download="{escape(self.key)}.csv" href="{text.csv_link(held)}">'
            f"Download as CSV</a>{first if len(held) < len(self.data) else ''}</p>"
            f"{table(held, self.title)}</details>"
        )


def choice(label: str, panels: Sequence[tuple[str, str] | tuple[str, str, str]]) -> str:
    """Panels of which a reader picks one; without scripts all are shown.

    panels: name, HTML, and where they differ the facts of each.
    """
    inner = "".join(
        f'<div class="panel" data-name="{escape(name)}"><h4>{text.name(name)}</h4>'
        f"{''.join(f'<p class=facts>{escape(fact)}</p>' for fact in facts)}{html}</div>"
        for name, html, *facts in panels
    )
    return f'<div class="choice" data-label="{escape(label)}">{inner}</div>'


def table(data: pd.DataFrame, caption: str) -> str:
    """A data frame as an HTML table, its first rows if it is long; numbers are aligned right."""
    more = len(data) - MOST_ROWS
    data = data.head(MOST_ROWS)
    numeric = [pd.api.types.is_numeric_dtype(data[column]) for column in data.columns]
    kinds = [' class="number"' if number else "" for number in numeric]
    head = "".join(
        f'<th scope="col"{kind}>{escape(str(column))}</th>'
        for column, kind in zip(data.columns, kinds, strict=True)
    )
    body = "".join(_row(row, kinds) for row in data.astype(object).itertuples(index=False))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Data: {escape(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        + (f"<p class='note'>{more:,} more rows are in the CSV.</p>" if more > 0 else "")
    )


def _row(row: Sequence[object], kinds: Sequence[str]) -> str:
    cells = (
        f"<td{kind}>{text.cell(value) if kind else text.name(text.cell(value))}</td>"
        for value, kind in zip(row, kinds, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def facts_of(data: Published) -> Facts:
    """The facts that all figures of a report share."""
    as_of, since = data.as_of, data.received_since
    return Facts(
        as_of=text.time(as_of, data.timezone) if as_of else "no event received yet",
        received_since=f"{since:%Y-%m-%d}" if since else None,
        conditions=tuple(data.filters.words()),
    )
