"""Applications: outcomes, dates, transfers, and how times that cannot be are treated."""

from __future__ import annotations

from tests.warehouse.history import Query, candidate, created, day

HISTORY = [
    # Moved to another job while under way: the first application ends where the second begins.
    created("mover", "job a", day(0), status="open", step="Applied"),
    candidate("mover", "job b", day(4), status="open", step="Applied"),
    candidate("mover", "job b", day(6), status="hired", step="Hired"),
    # Moved after a rejection: that end stands.
    created("rejected mover", "job a", day(0), status="rejected", step="Applied"),
    candidate("rejected mover", "job b", day(4), status="open", step="Applied"),
    # There and back again: the first application goes on.
    created("returner", "job a", day(0), status="open", step="Applied"),
    candidate("returner", "job b", day(2), status="open", step="Applied"),
    candidate("returner", "job a", day(5), status="open", step="Applied"),
    # Hired, and the payload says when.
    created("hired", "job a", day(0), status="open"),
    candidate("hired", "job a", day(9), status="hired", hired_at=day(7), starts_at=day(40)),
    # Hired, and only the states say when: the first of the last run, 5, not 9.
    created("hired silently", "job a", day(0), status="open"),
    candidate("hired silently", "job a", day(5), status="hired"),
    candidate("hired silently", "job a", day(9), status="hired", city="Cork"),
    # Hired in error.
    created("un-hired", "job a", day(0), status="open"),
    candidate("un-hired", "job a", day(3), status="hired", hired_at=day(3)),
    candidate("un-hired", "job a", day(5), status="open", hired_at=day(3)),
    # Hired at 3, un-hired at 5, hired again at 8 without a date: that of the broken run is void.
    created("hired again", "job a", day(0), status="open"),
    candidate("hired again", "job a", day(3), status="hired", hired_at=day(3)),
    candidate("hired again", "job a", day(5), status="open"),
    candidate("hired again", "job a", day(8), status="hired"),
    # Rejected at 2, reopened at 4, rejected again at 6 and 8: the last run begins at 6.
    created("rejected twice", "job a", day(0), status="open"),
    candidate("rejected twice", "job a", day(2), status="rejected"),
    candidate("rejected twice", "job a", day(4), status="open"),
    candidate("rejected twice", "job a", day(6), status="rejected"),
    candidate("rejected twice", "job a", day(8), status="rejected", city="Cork"),
    created("withdrawn", "job a", day(0), status="open"),
    candidate("withdrawn", "job a", day(2), status=" Withdrawn "),
    # Where applied_at comes from.
    created("by creation", "job a", day(2), received_at=None, created_at=day(1)),
    created("by first state", "job a", day(2), received_at=None),
    candidate("late", "job a", day(6)),
    # The clock: a time far ahead of landing, and an application after its first state.
    candidate(
        "future", "job a", day(400), landed_at=day(6), created_at=day(1), received_at=day(2)
    ),
    candidate("timeless", "job a", None, landed_at=day(6), received_at=None),
    candidate("a little ahead", "job a", day(6.9), landed_at=day(6)),
    created("applied afterwards", "job a", day(1), received_at=day(3)),
    # Two states at one time: the one that landed first is the first.
    created("tied", "job a", day(0), landed_at=day(0), status="open"),
    candidate("tied", "job a", day(1), landed_at=day(2), status="open"),
    candidate("tied", "job a", day(1), landed_at=day(1), status="rejected"),
    # One state delivered three times under two names is one state.
    created("repeated", "job a", day(0), status="open"),
    candidate("repeated", "job a", day(1), landed_at=day(9), status="rejected"),
    candidate("repeated", "job a", day(1), landed_at=day(1), status="rejected"),
    candidate("repeated", "job a", day(1), landed_at=day(2), status="rejected",
              event_name="CandidateResource_status_updated"),
    # No application: no id, no job.
    candidate(None, "job a", day(1), status="open"),
    candidate("jobless", None, day(1), status="open"),
]  # fmt: skip


def application(built: Query, name: str, columns: str, job: str = "job a") -> dict:
    (row,) = built(
        f"select {columns} from applications where candidate_uuid = '{name}' and job_uuid = '{job}'"
    )
    return row


def test_moving_to_another_job_ends_the_earlier_application(built: Query) -> None:
    columns = "outcome, applied_at, applied_at_source, transferred_at"
    assert application(built, "mover", columns) == {
        "outcome": "transferred",
        "applied_at": day(0),
        "applied_at_source": "received_at",
        "transferred_at": day(4),
    }
    assert application(built, "mover", columns, "job b") == {
        "outcome": "hired",
        "applied_at": day(4),
        "applied_at_source": "transfer",
        "transferred_at": None,
    }
    assert built(
        "select exit_kind, left_at from stage_visits"
        " where candidate_uuid = 'mover' and job_uuid = 'job a'"
    ) == [{"exit_kind": "transferred", "left_at": day(4)}]


def test_an_application_that_had_ended_keeps_its_end_when_the_candidate_moves(
    built: Query,
) -> None:
    assert application(built, "rejected mover", "outcome, transferred_at") == {
        "outcome": "rejected",
        "transferred_at": None,
    }
    assert application(built, "rejected mover", "applied_at_source", "job b") == {
        "applied_at_source": "transfer"
    }


def test_coming_back_reopens_the_first_application_and_ends_the_second(built: Query) -> None:
    assert application(built, "returner", "outcome, applied_at_source") == {
        "outcome": "open",
        "applied_at_source": "received_at",
    }
    assert application(built, "returner", "outcome, transferred_at", "job b") == {
        "outcome": "transferred",
        "transferred_at": day(5),
    }
    assert built(
        "select entered_at, left_at, exit_kind from stage_visits where candidate_uuid = 'returner'"
        " and job_uuid = 'job a' order by visit_number"
    ) == [
        {"entered_at": day(0), "left_at": day(2), "exit_kind": "transferred"},
        {"entered_at": day(5), "left_at": None, "exit_kind": "open"},
    ]


def test_hired_at_is_the_payloads_else_the_start_of_the_last_hired_run(built: Query) -> None:
    assert application(built, "hired", "hired_at, starts_at") == {
        "hired_at": day(7),
        "starts_at": day(40),
    }
    assert application(built, "hired silently", "hired_at") == {"hired_at": day(5)}


def test_un_hired_is_not_hired(built: Query) -> None:
    assert application(built, "un-hired", "outcome, hired_at") == {
        "outcome": "open",
        "hired_at": None,
    }


def test_a_hire_after_an_un_hire_does_not_take_the_date_of_the_first(built: Query) -> None:
    assert application(built, "hired again", "hired_at") == {"hired_at": day(8)}


def test_an_end_is_dated_by_the_first_state_of_its_last_unbroken_run(built: Query) -> None:
    assert application(built, "rejected twice", "rejected_at, withdrawn_at, last_moved_at") == {
        "rejected_at": day(6),
        "withdrawn_at": None,
        "last_moved_at": day(6),
    }
    assert application(built, "withdrawn", "outcome, withdrawn_at") == {
        "outcome": "withdrawn",
        "withdrawn_at": day(2),
    }


def test_applied_at_says_where_it_comes_from(built: Query) -> None:
    columns = "applied_at, applied_at_source"
    assert application(built, "by creation", columns) == {
        "applied_at": day(1),
        "applied_at_source": "created_at",
    }
    assert application(built, "by first state", columns) == {
        "applied_at": day(2),
        "applied_at_source": "first_state",
    }


def test_left_truncated_is_what_was_first_seen_on_its_way(built: Query) -> None:
    assert application(built, "late", "is_left_truncated")["is_left_truncated"] is True
    assert application(built, "hired", "is_left_truncated")["is_left_truncated"] is False
    # A transferred application begins with its first state: nothing of it was missed.
    assert application(built, "mover", "is_left_truncated", "job b")["is_left_truncated"] is False


def test_a_time_ahead_of_landing_is_refused_and_flagged(built: Query) -> None:
    # updated_at is day 400 at landing on day 6: the payload's latest own time before is day 2.
    assert application(built, "future", "first_seen_at, clock_error") == {
        "first_seen_at": day(2),
        "clock_error": True,
    }
    assert application(built, "a little ahead", "first_seen_at, clock_error") == {
        "first_seen_at": day(6.9),
        "clock_error": False,
    }


def test_a_missing_time_is_no_clock_error(built: Query) -> None:
    assert application(built, "timeless", "first_seen_at, clock_error") == {
        "first_seen_at": day(6),
        "clock_error": False,
    }


def test_applying_a_day_after_the_first_state_is_a_clock_error(built: Query) -> None:
    assert application(built, "applied afterwards", "applied_at, clock_error") == {
        "applied_at": day(3),
        "clock_error": True,
    }


def test_a_tie_in_time_follows_landing_and_is_flagged(built: Query) -> None:
    assert application(built, "tied", "outcome, order_ambiguous") == {
        "outcome": "open",
        "order_ambiguous": True,
    }
    assert application(built, "repeated", "outcome, order_ambiguous") == {
        "outcome": "rejected",
        "order_ambiguous": False,
    }


def test_without_id_or_job_there_is_no_application_and_it_is_counted(built: Query) -> None:
    assert built("select * from applications where candidate_uuid = 'jobless'") == []
    assert built("select without_uuid, without_job from freshness") == [
        {"without_uuid": 1, "without_job": 1}
    ]


def test_a_job_never_seen_still_has_its_applications(built: Query) -> None:
    assert built("select * from jobs") == []
    assert application(built, "hired", "outcome")["outcome"] == "hired"
