"""Activity, snapshot and what makes the funnels differ, application by application."""

from __future__ import annotations

import pytest

from tests.warehouse.history import Query, candidate, created, day

# 1 January is day 0, 1 February day 31, 1 March day 59.
HISTORY = [
    created("plain", "j", day(0), status="new", step="Applied"),
    candidate("plain", "j", day(10), status="new", step="Screening"),
    candidate("plain", "j", day(40), status="rejected", step="Screening"),
    created("skipper", "j", day(5), status="new", step="Applied"),
    candidate("skipper", "j", day(35), status="new", step="Interview"),
    created("returner", "j", day(0), status="new", step="Applied"),
    candidate("returner", "j", day(1), status="new", step="Screening"),
    candidate("returner", "j", day(32), status="new", step="Applied"),
    candidate("returner", "j", day(33), status="new", step="Screening"),
    # Two steps of one stage: one stay in the stage.
    created("twice", "j", day(0), status="new", step="1st Interview"),
    candidate("twice", "j", day(34), status="new", step="2nd Interview"),
    candidate("twice", "j", day(36), status="hired", step="2nd Interview"),
    created("mover", "j", day(0), status="new", step="Applied"),
    candidate("mover", "k", day(33), status="new", step="Applied"),
    # First seen on its way.
    candidate("late", "j", day(33), status="new", step="Interview"),
    ("other_events", {"landed_at": day(70)}),
]


def test_activity_counts_entries_and_exits_of_stages_by_month(built: Query) -> None:
    rows = built(
        "select month::varchar as month, stage, entries, exits from funnel_activity"
        " where job_uuid = 'j' order by stage_order, month"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("2026-01-01", "applied", 4, 2),  # in: plain skipper returner mover; out: plain returner
        ("2026-02-01", "applied", 1, 3),  # in: returner; out: skipper mover returner
        ("2026-01-01", "screening", 2, 0),  # plain returner
        ("2026-02-01", "screening", 1, 2),  # in: returner; out: returner plain
        ("2026-01-01", "interview", 1, 0),  # twice
        ("2026-02-01", "interview", 2, 1),  # in: skipper late; out: twice
    ]


def test_a_snapshot_is_where_applications_stand_at_each_months_end(built: Query) -> None:
    rows = built(
        "select snapshot_month::varchar as month, stage, standing from funnel_snapshot"
        " where job_uuid = 'j' order by stage_order, snapshot_month"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("2026-01-01", "applied", 2),  # skipper mover
        ("2026-01-01", "screening", 2),  # plain returner
        ("2026-02-01", "screening", 1),  # returner
        ("2026-03-01", "screening", 1),  # as_of is day 70, in March
        ("2026-01-01", "interview", 1),  # twice
        ("2026-02-01", "interview", 2),  # skipper late
        ("2026-03-01", "interview", 2),
    ]


def test_the_applications_that_make_the_funnels_differ_are_named(built: Query) -> None:
    rows = built(
        "select stage, candidate_uuid, reason, n from reconciliation where job_uuid = 'j'"
        " order by stage_order, candidate_uuid, reason"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("applied", "late", "skipped", 1),
        ("applied", "mover", "transferred", 1),
        ("applied", "returner", "re-entered", 1),
        ("applied", "twice", "skipped", 1),
        ("screening", "late", "skipped", 1),
        ("screening", "returner", "open", 1),
        ("screening", "returner", "re-entered", 1),
        ("screening", "skipper", "skipped", 1),
        ("screening", "twice", "skipped", 1),
        ("interview", "late", "open", 1),
        ("interview", "skipper", "open", 1),
    ]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("reached", "entered + skipped"),
        ("entries", "entered + re_entered"),
        ("entries - exits", "open"),
        ("standing", "open"),
        ("cohort_open", "open"),
        ("cohort_transferred", "transferred"),
        ("cohort_moved_back", "moved_back"),
    ],
)
def test_the_funnels_reconcile_exactly(built: Query, left: str, right: str) -> None:
    rows = built(f"""
        with cohort as (
            select job_uuid, stage, sum(reached) as reached, sum(entered) as entered,
                sum(open) as cohort_open, sum(transferred) as cohort_transferred,
                sum(moved_back) as cohort_moved_back
            from funnel_cohort group by all),
        activity as (
            select job_uuid, stage, sum(entries) as entries, sum(exits) as exits
            from funnel_activity group by all),
        snapshot as (
            select job_uuid, stage, standing from funnel_snapshot
            where snapshot_month = (select max(snapshot_month) from funnel_snapshot)),
        reasons as (
            select job_uuid, stage, sum(n) filter (reason = 'skipped') as skipped,
                sum(n) filter (reason = 're-entered') as re_entered,
                sum(n) filter (reason = 'open') as open,
                sum(n) filter (reason = 'transferred') as transferred,
                sum(n) filter (reason = 'moved back') as moved_back
            from reconciliation group by all),
        joined as (
            select coalesce(columns(* exclude (job_uuid, stage)), 0)
            from cohort left join activity using (job_uuid, stage)
            left join snapshot using (job_uuid, stage) left join reasons using (job_uuid, stage))
        select {left} as l, {right} as r from joined""")
    assert len(rows) == 4
    assert [row for row in rows if row["l"] != row["r"]] == []
