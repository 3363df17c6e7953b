"""Visits: what becomes a stay in a step, and how it ends.

Each case is a candidate of its own in a job of its own; `day` n is n days after 1 January 2026.
"""

from __future__ import annotations

from tests.warehouse.history import Query, candidate, created, day

FLOW = ("Applied", "Screening", "Interview", "Offer", "Hired")


def case(name: str, *states: tuple[float, str | None, str | None]) -> list[tuple[str, dict]]:
    """A created state and its followers: (day, status, step)."""
    at, status, step = states[0]
    first = created(name, f"job of {name}", day(at), status=status, step=step)
    return [
        first,
        *(candidate(name, f"job of {name}", day(a), status=st, step=s) for a, st, s in states[1:]),
    ]


def walk(name: str, job: str) -> list[tuple[str, dict]]:
    """An application that passes every step of FLOW, so that the job knows its steps."""
    return [
        candidate(name, job, day(20 + n), status="open", step=step) for n, step in enumerate(FLOW)
    ]


HISTORY = [
    *case(
        "plain", (0, "open", "Applied"), (1.5, "open", "Screening"), (4, "rejected", "Screening")
    ),
    *walk("walker", "job of skip"),
    *case("skip", (0, "open", "Applied"), (2, "open", "Interview")),
    *walk("walker2", "job of back"),
    *case("back", (0, "open", "Applied"), (1, "open", "Interview"), (3, "open", "Screening")),
    *case("re-entry", (0, "open", "Applied"), (1, "open", "Interview"), (2, "open", "Applied")),
    *case(
        "reopened", (0, "open", "Screening"), (2, "rejected", "Screening"), (5, "open", "Screening")
    ),
    *case(
        "reopened elsewhere",
        (0, "open", "Screening"),
        (2, "rejected", "Screening"),
        (5, "open", "Interview"),
    ),
    *case("end in new step", (0, "open", "Offer"), (3, "hired", "Hired")),
    *case(
        "moved after the end",
        (0, "open", "Applied"),
        (1, "rejected", "Applied"),
        (2, "rejected", "Screening"),
        (3, "rejected", "Interview"),
    ),
    *case(
        "end revised",
        (0, "open", "Screening"),
        (1, "rejected", "Screening"),
        (2, "hired", "Hired"),
    ),
    *case("null step", (0, "open", "Applied"), (1, "open", None), (2, "open", "Screening")),
    *case("null status", (0, "open", "Applied"), (1, "rejected", None), (2, None, None)),
    *case("no step at all", (0, "open", None), (1, "rejected", None)),
    *case("only an end", (0, "rejected", "Screening")),
    *case("unmapped status", (0, "on the moon", "Applied"), (1, "on the moon", "Screening")),
    # One step, renamed: the same id, another name.
    created("renamed", "job of renamed", day(0), status="open", step_uuid="s1", step_name="Chat"),
    candidate("renamed", "job of renamed", day(1), status="open", step_uuid="s1", step_name="Talk"),
    candidate("renamed", "job of renamed", day(2), status="open", step_uuid="s2", step_name="Test"),
    # The step has no id: its name is its key.
    created("nameless", "job of nameless", day(0), status="open", step_name="Chat"),
    candidate("nameless", "job of nameless", day(1), status="open", step_name="Test"),
    # Order unknown: one goes there, one comes back, and the map knows neither.
    *(
        created(f"order{n}", "job of order", day(0), status="open", step=s)
        for n, s in enumerate("AB")
    ),
    *(
        candidate(f"order{n}", "job of order", day(1), status="open", step=s)
        for n, s in enumerate("BA")
    ),
    # Met on its way: no created event, applied at day 0, first seen at day 6.
    candidate("late", "job of late", day(6), status="open", step="Screening"),
    candidate("late", "job of late", day(8), status="open", step="Interview"),
]


def visits(built: Query, name: str) -> list[tuple]:
    """(step, day entered, day left, exit) of each visit, in order."""
    rows = built(
        f"select * from stage_visits where candidate_uuid = '{name}' order by visit_number"
    )
    assert [row["visit_number"] for row in rows] == list(range(1, len(rows) + 1))
    return [
        (row["step_name"], since(row["entered_at"]), since(row["left_at"]), row["exit_kind"])
        for row in rows
    ]


def since(time) -> float | None:
    return None if time is None else (time - day(0)).total_seconds() / 86400


def test_a_visit_lasts_from_its_first_state_to_the_next_step_or_the_end(built: Query) -> None:
    assert visits(built, "plain") == [
        ("Applied", 0, 1.5, "advanced"),
        ("Screening", 1.5, 4, "rejected"),
    ]
    # 1.5 - 0 and 4 - 1.5
    days = built("select days_in_stage from stage_visits where candidate_uuid = 'plain' order by 1")
    assert [row["days_in_stage"] for row in days] == [1.5, 2.5]


def test_passing_over_a_known_step_is_skipping_ahead(built: Query) -> None:
    assert visits(built, "skip") == [
        ("Applied", 0, 2, "skipped_ahead"),
        ("Interview", 2, None, "open"),
    ]


def test_going_to_an_earlier_step_is_moving_back(built: Query) -> None:
    assert visits(built, "back") == [
        ("Applied", 0, 1, "skipped_ahead"),
        ("Interview", 1, 3, "moved_back"),
        ("Screening", 3, None, "open"),
    ]


def test_coming_back_to_a_step_is_another_visit(built: Query) -> None:
    assert visits(built, "re-entry") == [
        ("Applied", 0, 1, "advanced"),
        ("Interview", 1, 2, "moved_back"),
        ("Applied", 2, None, "open"),
    ]


def test_reopened_in_the_same_step_is_a_new_visit_and_the_gap_is_no_stay(built: Query) -> None:
    assert visits(built, "reopened") == [
        ("Screening", 0, 2, "rejected"),
        ("Screening", 5, None, "open"),
    ]
    assert visits(built, "reopened elsewhere") == [
        ("Screening", 0, 2, "rejected"),
        ("Interview", 5, None, "open"),
    ]


def test_an_end_in_a_new_step_is_a_visit_of_no_length_there(built: Query) -> None:
    assert visits(built, "end in new step") == [
        ("Offer", 0, 3, "advanced"),
        ("Hired", 3, 3, "hired"),
    ]
    assert visits(built, "only an end") == [("Screening", 0, 0, "rejected")]


def test_steps_changed_after_the_end_make_no_visit(built: Query) -> None:
    assert visits(built, "moved after the end") == [("Applied", 0, 1, "rejected")]


def test_another_end_after_the_end_is_a_visit_of_no_length(built: Query) -> None:
    assert visits(built, "end revised") == [
        ("Screening", 0, 1, "rejected"),
        ("Hired", 2, 2, "hired"),
    ]


def test_without_a_step_the_former_one_goes_on(built: Query) -> None:
    assert visits(built, "null step") == [
        ("Applied", 0, 2, "advanced"),
        ("Screening", 2, None, "open"),
    ]


def test_without_a_status_the_former_one_goes_on(built: Query) -> None:
    assert visits(built, "null status") == [("Applied", 0, 1, "rejected")]
    assert built("select outcome from applications where candidate_uuid = 'null status'") == [
        {"outcome": "rejected"}
    ]


def test_an_application_may_have_no_visit(built: Query) -> None:
    assert visits(built, "no step at all") == []
    assert built(
        "select outcome, step_name from applications where candidate_uuid = 'no step at all'"
    ) == [{"outcome": "rejected", "step_name": None}]


def test_an_unmapped_status_ends_no_visit(built: Query) -> None:
    assert visits(built, "unmapped status") == [
        ("Applied", 0, 1, "advanced"),
        ("Screening", 1, None, "open"),
    ]


def test_a_renamed_step_is_one_step_under_its_latest_name(built: Query) -> None:
    assert visits(built, "renamed") == [("Talk", 0, 2, "advanced"), ("Test", 2, None, "open")]
    assert built(
        "select step_uuid, step_name, stage, is_mapped from job_steps"
        " where job_uuid = 'job of renamed' order by step_order"
    ) == [
        {"step_uuid": "s1", "step_name": "Talk", "stage": "Talk", "is_mapped": False},
        {"step_uuid": "s2", "step_name": "Test", "stage": "assessment", "is_mapped": True},
    ]


def test_a_step_without_id_is_known_by_its_name(built: Query) -> None:
    assert visits(built, "nameless") == [("Chat", 0, 1, "advanced"), ("Test", 1, None, "open")]


def test_where_nothing_says_which_step_is_first_leaving_is_moving(built: Query) -> None:
    # A before B in 1 of 2 applications: neither map nor majority decides.
    assert visits(built, "order0") == [("A", 0, 1, "moved"), ("B", 1, None, "open")]
    assert visits(built, "order1") == [("B", 0, 1, "moved"), ("A", 1, None, "open")]
    assert built(
        "select step_name, step_order, order_source, order_k, order_n from job_steps"
        " where job_uuid = 'job of order' order by step_name"
    ) == [
        {"step_name": n, "step_order": 1, "order_source": "ambiguous", "order_k": 1, "order_n": 2}
        for n in "AB"
    ]


def test_what_was_met_on_its_way_has_no_entry_time_but_a_bound(built: Query) -> None:
    assert visits(built, "late") == [
        ("Screening", None, 8, "advanced"),
        ("Interview", 8, None, "open"),
    ]
    assert built(
        "select entered_before, days_in_stage from stage_visits"
        " where candidate_uuid = 'late' and visit_number = 1"
    ) == [{"entered_before": day(6), "days_in_stage": None}]


def test_visits_of_an_application_do_not_overlap(built: Query) -> None:
    assert (
        built("""
        select * from (
            select *, lead(coalesce(entered_at, entered_before)) over (
                partition by candidate_uuid, job_uuid order by visit_number) as next_entry
            from stage_visits)
        where next_entry is not null and (left_at is null or left_at > next_entry)""")
        == []
    )
