"""The definitions of the published tables, case by case, on states written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.history import DAY, Application, Seen, application, effective_at, moment
from simulator.vocabulary import Vocabulary

WORDS = Vocabulary(
    outcomes={"active": "open", "hired": "hired", "no": "rejected", "left": "withdrawn"},
    stages={"applied": ("applied", 1), "interview": ("interview", 4), "offer": ("offer", 6)},
)


def seen(at: int, step: str | None, outcome: str = "open", **rest: Any) -> Seen:
    given: dict[str, Any] = {
        "created_event": True,
        "received_at": 0,
        "created_at": None,
        "hired_at": None,
    }
    return Seen(at, outcome=outcome, step=step and (step, step), **given | rest)  # type: ignore[arg-type]


def tell(*states: Seen, transferred_at: int | None = None, arrived: bool = False) -> Application:
    return application(
        ("c", "j"),
        list(states),
        WORDS,
        arrived_by_transfer=arrived,
        transferred_at=transferred_at,
    )


def stays(one: Application) -> list[tuple[str, int | None, int | None, str]]:
    return [(v.step_name, v.entered_at, v.left_at, v.exit_kind) for v in one.visits]


def test_a_straight_way_to_hire() -> None:
    one = tell(
        seen(0, "Applied"),
        seen(5, "Interview"),
        seen(9, "Interview", "hired", hired_at=8),
    )

    assert stays(one) == [("Applied", 0, 5, "forward"), ("Interview", 5, 9, "hired")]
    assert (one.outcome, one.hired_at, one.furthest_stage) == ("hired", 8, "interview")
    assert not one.is_left_truncated


def test_hired_without_a_date_counts_from_the_first_hired_state() -> None:
    one = tell(seen(1, "Offer"), seen(4, "Offer", "hired"), seen(6, "Offer", "hired"))

    assert one.hired_at == 4


def test_hired_again_does_not_take_the_date_of_the_hire_that_was_undone() -> None:
    one = tell(
        seen(1, "Offer", "hired", hired_at=1),
        seen(3, "Offer"),
        seen(7, "Offer", "hired"),
    )

    assert one.hired_at == 7


def test_unhired_has_no_hired_at_and_keeps_the_visit() -> None:
    one = tell(seen(1, "Offer"), seen(2, "Offer", "hired", hired_at=2), seen(3, "Offer"))

    assert one.hired_at is None
    assert stays(one) == [("Offer", 1, 2, "hired"), ("Offer", 3, None, "open")]


def test_a_terminal_state_in_a_new_step_is_a_visit_of_no_length() -> None:
    one = tell(seen(1, "Applied"), seen(4, "Offer", "rejected"))

    assert stays(one) == [("Applied", 1, 4, "forward"), ("Offer", 4, 4, "rejected")]


def test_steps_changed_while_rejected_make_no_visit() -> None:
    one = tell(
        seen(1, "Interview"), seen(2, "Interview", "rejected"), seen(3, "Applied", "rejected")
    )

    assert stays(one) == [("Interview", 1, 2, "rejected")]
    assert one.rejected_at == 2


def test_reopened_and_rejected_again_counts_from_the_last_rejection() -> None:
    one = tell(
        seen(1, "Applied"),
        seen(2, "Applied", "rejected"),
        seen(3, "Applied"),
        seen(5, "Applied", "rejected"),
    )

    assert one.rejected_at == 5
    assert stays(one) == [("Applied", 1, 2, "rejected"), ("Applied", 3, 5, "rejected")]


def test_without_a_step_the_visit_goes_on() -> None:
    one = tell(seen(1, "Applied"), seen(2, None), seen(6, "Interview"))

    assert stays(one)[0] == ("Applied", 1, 6, "forward")


def test_an_application_may_have_no_visit() -> None:
    one = tell(seen(1, None, "withdrawn"))

    assert one.visits == []
    assert (one.outcome, one.withdrawn_at, one.furthest_stage) == ("withdrawn", 1, None)


def test_a_backward_move_and_a_step_without_an_order() -> None:
    one = tell(seen(1, "Offer"), seen(2, "Interview"), seen(3, "Tasting Day"))

    assert [visit.exit_kind for visit in one.visits] == ["moved_back", "moved", "open"]
    assert one.furthest_stage == "offer"


def test_a_transfer_ends_what_was_open_when_the_other_job_began() -> None:
    one = tell(seen(1, "Applied"), transferred_at=9)

    assert one.outcome == "transferred"
    assert stays(one) == [("Applied", 1, 9, "transferred")]


def test_a_rejection_stays_one_when_another_job_takes_the_candidate_up() -> None:
    one = tell(seen(1, "Applied"), seen(2, "Applied", "rejected"), transferred_at=9)

    assert (one.outcome, one.rejected_at) == ("rejected", 2)


def test_who_arrives_by_transfer_applied_then() -> None:
    one = tell(seen(9, "Applied"), arrived=True)

    assert one.applied_at == 9
    assert not one.is_left_truncated


def test_met_on_the_way_has_no_entry() -> None:
    one = tell(seen(3, "Interview", created_event=False))  # received at 0

    assert one.is_left_truncated
    assert stays(one) == [("Interview", None, None, "open")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"updated_at": "1970-01-01T00:00:01.000000Z"}, 1_000_000),
        ({"updated_at": "1970-01-01 00:00:01"}, 1_000_000),
        ({"updated_at": "1970-01-01T02:00:01+02:00"}, 1_000_000),
        ({"updated_at": None, "received_at": "1970-01-01 00:00:02"}, 2_000_000),
        ({"updated_at": "soon", "created_at": "1970-01-01 00:00:03"}, 3_000_000),
        ({"updated_at": "2222-01-01 00:00:00", "created_at": "1970-01-01 00:00:03"}, 3_000_000),
        ({"updated_at": None, "starts_at": "2222-01-01 00:00:00"}, DAY),  # known by then
    ],
)
def test_when_a_state_came_to_be(given: dict[str, Any], expected: int) -> None:
    names = ("updated_at", "created_at", "received_at", "hired_at", "starts_at")

    assert effective_at(dict.fromkeys(names) | given, known_by=DAY) == expected


def test_what_is_no_time_is_none() -> None:
    assert moment("yesterday") is None
    assert moment("") is None
