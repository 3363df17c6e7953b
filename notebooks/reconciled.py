"""The three funnels side by side with the counts of applications by which they differ."""

from __future__ import annotations

import pandas as pd

# Column -> how a reader sees it; the signs say how each figure follows from those before it.
COLUMNS = {
    "stage": "stage",
    "reached": "cohort: reached it",
    "skipped": "−\xa0passed over it",
    "entered": "=\xa0entered it",
    "re_entered": "+\xa0entered again",
    "entries": "=\xa0activity: entries",
    "exits": "−\xa0exits",
    "standing": "=\xa0snapshot: in it now",
    "moved_back": "of them moved back",
    "transferred": "of them to another job",
}
SQL = """
    with cohort as (
        select stage, sum(reached) as reached, sum(entered) as entered
        from funnel_cohort_of_jobs group by stage
    ), activity as (
        select stage, sum(entries) as entries, sum(exits) as exits
        from funnel_activity_of_jobs group by stage
    ), snapshot as (
        select stage, sum(standing) as standing from funnel_snapshot_of_jobs
        where snapshot_month = (select max(snapshot_month) from published.main.funnel_snapshot)
        group by stage
    ), reasons as (
        select stage, sum(n) filter (reason = 'skipped') as skipped,
            sum(n) filter (reason = 're-entered') as re_entered,
            sum(n) filter (reason = 'moved back') as moved_back,
            sum(n) filter (reason = 'transferred') as transferred
        from reconciliation_of_jobs group by stage
    )
    select stage, coalesce(columns(* exclude (stage)), 0)::bigint
    from cohort left join activity using (stage) left join snapshot using (stage)
    left join reasons using (stage)
"""


def differing(counts: pd.DataFrame) -> list[str]:
    """The stages whose figures do not follow from one another. counts: rows of SQL."""
    follows = (
        (counts["reached"] - counts["skipped"] == counts["entered"])
        & (counts["entered"] + counts["re_entered"] == counts["entries"])
        & (counts["entries"] - counts["exits"] == counts["standing"])
    )
    return [str(stage) for stage in counts.loc[~follows, "stage"]]


def says(counts: pd.DataFrame) -> str:
    """Whether they add up, and by how many applications they differ."""
    if not len(counts):
        return "No application entered a stage yet."
    wrong = differing(counts)
    if wrong:
        return f"The figures do not add up in: {', '.join(wrong)}. Please report this."
    skipped, again, standing = (
        int(counts[each].sum()) for each in ("skipped", "re_entered", "standing")
    )
    return (
        f"They add up in all {len(counts)} stages: {skipped:,} times a stage was passed over,"
        f" {again:,} times entered again, and {standing:,} applications stand in one now."
    )
