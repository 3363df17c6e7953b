"""What the data quality page tells: the ledger of what was loaded, and flags with their meaning."""

from __future__ import annotations

from typing import Any

import pandas as pd

from notebooks import text
from notebooks.figures import table

MEANINGS = {
    "met_on_its_way": "Met on its way: the application was already under way when its first event"
    " was received, so its earlier stages are not known.",
    "order_unsure": "Order unsure: two of its states carry the same time.",
    "clock_wrong": "Clock wrong: a time that was sent lies in the future or after the first state.",
    "status_unknown": "Status unknown: its status has no outcome; it counts as not ended.",
    "job_unseen": "Job unseen: no event about its job was received.",
    "hired_before_applied": "Hired before applied: left out of time to hire.",
    "no_source": "No source: none was sent.",
}
ITEMS = {
    "first_landed_at": "First event received",
    "as_of": "Last event received (as of)",
    "events_loaded": "Events loaded",
    "candidate_states": "of them: states of candidates",
    "job_states": "of them: states of jobs",
    "other_events": "of them: of kinds that are not known",
    "repeats": "of them: repeats of an event",
    "without_uuid": "States without an id, in no application",
    "without_job": "States of candidates without a job, in no application",
}
_TIMES = ("as_of", "first_landed_at")


def flags(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per flag. counts: one row with `applications` and a count per flag."""
    row = counts.iloc[0]
    return pd.DataFrame(
        [
            {
                "what": meaning.split(":")[0],
                "applications": int(row[flag]),
                "of": int(row["applications"]),
            }
            for flag, meaning in MEANINGS.items()
        ]
    )


def ledger(freshness: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """The row of freshness as one row per item."""
    items: list[dict[str, Any]] = []
    for column, item in ITEMS.items():
        if column in freshness:
            value = freshness[column].iloc[0] if len(freshness) else None
            items.append({"item": item, "value": _said(column, value, timezone)})
    return pd.DataFrame(items, columns=["item", "value"])


def _said(column: str, value: Any, timezone: str) -> str:
    if text.missing(value):
        return text.NOTHING
    if column in _TIMES:
        return text.time(pd.Timestamp(value).tz_convert(timezone), timezone)
    return text.cell(value.item() if hasattr(value, "item") else value)


def since(freshness: pd.DataFrame, timezone: str) -> str:
    """The left-truncation date in a sentence."""
    if not len(freshness) or "first_landed_at" not in freshness:
        return "It is not known since when events are received."
    first = freshness["first_landed_at"].iloc[0]
    if text.missing(first):
        return "No event was received yet."
    said = text.time(pd.Timestamp(first).tz_convert(timezone), timezone)
    return (
        f"Events are received since {said}. What happened before is known only as far as later"
        " events tell it."
    )


def plain(data: pd.DataFrame, caption: str) -> str:
    """A short table as the drawing itself."""
    return f'<div class="whole">{table(data, caption)}</div>'
