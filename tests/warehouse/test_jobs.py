"""Jobs: versions in order of landing, redeliveries, imports, and the lists that hang on a job."""

from __future__ import annotations

from tests.warehouse.history import Query, candidate, created, day, job

MINUTE = 1 / 1440


def lists(event_id: str, table: str, *items: dict) -> list[tuple[str, dict]]:
    return [(table, {"event_id": event_id, "position": n, **i}) for n, i in enumerate(items, 1)]


def answers(event_id: str, *items: tuple[str, str | None, str | None]) -> list[tuple[str, dict]]:
    return lists(
        event_id,
        "candidate_event_answers",
        *({"question_text": q, "options": o, "answer": a} for q, o, a in items),
    )


HISTORY = [
    # A, A, B: two versions, since equal states in a row are one.
    job("plain", day(0), title="A"),
    job("plain", day(1), title="A"),
    job("plain", day(2), title="B", is_closed=True, salary_min=40000, city_lat=53.3),
    # A, B, and A again 2 minutes after A first landed: a redelivery. 12 minutes after: a change.
    job("redelivered", day(0), title="A"),
    job("redelivered", day(MINUTE), title="B"),
    job("redelivered", day(2 * MINUTE), title="A"),
    job("reverted", day(0), title="A"),
    job("reverted", day(MINUTE), title="B"),
    job("reverted", day(12 * MINUTE), title="A"),
    # Imported after the webhook state, with and without the time that it stood for.
    job("imported", day(5), title="hook"),
    job("imported", day(9), title="undated import", source="import"),
    job("imported", day(9), title="dated import", source="import", as_of=day(2)),
    job("imported later", day(5), title="hook"),
    job("imported later", day(9), title="dated import", source="import", as_of=day(7)),
    # Figures: one of each outcome.
    job("counted", day(0), title="A"),
    created("c1", "counted", day(1), status="open"),
    created("c2", "counted", day(1), status="hired"),
    created("c3", "counted", day(1), status="rejected"),
    created("c4", "counted", day(1), status="withdrawn"),
    created("c5", "counted", day(1), status="open"),
    candidate("c5", "elsewhere", day(2), status="open"),
    created("c6", "counted", day(1), status="quarantined"),
    created("c7", "counted", day(1)),
    # Lists: those of the current version only, the twice-loaded one once.
    job("listed", day(0), event_id="l1", title="A"),
    *lists("l1", "job_event_sectors", {"sector_uuid": "s1", "sector_name": "Gone"}),
    job("listed", day(1), event_id="l2", title="B"),
    *lists(
        "l2",
        "job_event_sectors",
        {"sector_uuid": "s2", "sector_name": "Nursing"},
        {"sector_uuid": "s3", "sector_name": "Care"},
        {"sector_uuid": "s2", "sector_name": "Nursing"},
        {"sector_name": "Nameless"},
        {},
    ),
    *lists("l2", "job_event_subsectors", {"subsector_uuid": "u1", "subsector_name": "ICU"}, {}),
    *lists("l2", "job_event_questions", {"question_text": "Car?", "options": "Yes\nNo"}),
    *lists("l2", "job_event_questions", {"question_text": "Car?", "options": "Yes\nNo"}),
    job(None, day(1), title="no id"),
    # Answers: an option is kept, free text is not; of several choices those that are options.
    created("a1", "listed", day(1), event_id="e1", status="open"),
    *answers(
        "e1",
        ("Car?", "Yes\nNo", "Yes"),
        ("Why us?", None, "Because of Ann"),
        ("Days?", "Mo\nTu\nWe", "Mo\nWe\nSunday, ask Ann"),
        ("Car, too?", "Yes\nNo", "yes"),
        ("Nothing?", "Yes\nNo", None),
    ),
    # The last state that has answers counts, though a later one leaves them out.
    created("a2", "listed", day(1), event_id="e2", status="open"),
    *answers("e2", ("Car?", "Yes\nNo", "No")),
    candidate("a2", "listed", day(2), event_id="e3", status="open"),
    *answers("e3", ("Car?", "Yes\nNo", "Yes")),
    candidate("a2", "listed", day(3), event_id="e4", status="rejected"),
]


def versions(built: Query, name: str) -> list[tuple]:
    rows = built(f"select * from jobs_history where job_uuid = '{name}' order by version_number")
    assert [row["is_current"] for row in rows] == [*[False] * (len(rows) - 1), True]
    return [(row["title"], row["valid_from"], row["valid_to"]) for row in rows]


def test_equal_states_in_a_row_are_one_version(built: Query) -> None:
    assert versions(built, "plain") == [("A", day(0), day(2)), ("B", day(2), None)]


def test_jobs_shows_the_current_version(built: Query) -> None:
    assert built(
        "select title, is_closed, salary_min, latitude from jobs where job_uuid = 'plain'"
    ) == [{"title": "B", "is_closed": True, "salary_min": 40000, "latitude": 53.3}]


def test_an_earlier_state_within_the_window_is_a_redelivery(built: Query) -> None:
    assert versions(built, "redelivered") == [
        ("A", day(0), day(MINUTE)),
        ("B", day(MINUTE), None),
    ]
    assert built(
        "select title from jobs_history where job_uuid = 'redelivered' and possible_revert"
    ) == [{"title": "B"}]


def test_an_earlier_state_after_the_window_is_a_change_back(built: Query) -> None:
    assert versions(built, "reverted") == [
        ("A", day(0), day(MINUTE)),
        ("B", day(MINUTE), day(12 * MINUTE)),
        ("A", day(12 * MINUTE), None),
    ]
    assert built("select 1 from jobs_history where job_uuid = 'reverted' and possible_revert") == []


def test_an_import_stands_where_its_time_says_and_before_all_without_one(built: Query) -> None:
    assert versions(built, "imported") == [
        ("undated import", None, day(2)),
        ("dated import", day(2), day(5)),
        ("hook", day(5), None),
    ]
    assert versions(built, "imported later") == [
        ("hook", day(5), day(7)),
        ("dated import", day(7), None),
    ]


def test_applications_of_a_job_are_the_sum_of_its_outcomes(built: Query) -> None:
    # 1 + 1 + 1 + 1 + 1 + 2 = 7
    assert built("""
        select applications, open, hired, rejected, withdrawn, transferred, unmapped
        from jobs where job_uuid = 'counted'""") == [
        {
            "applications": 7,
            "open": 1,
            "hired": 1,
            "rejected": 1,
            "withdrawn": 1,
            "transferred": 1,
            "unmapped": 2,
        }
    ]


def test_lists_are_those_of_the_current_version_each_item_once(built: Query) -> None:
    assert built("select * from job_sectors order by sector_uuid") == [
        {"job_uuid": "listed", "sector_uuid": "Nameless", "sector_name": "Nameless"},
        {"job_uuid": "listed", "sector_uuid": "s2", "sector_name": "Nursing"},
        {"job_uuid": "listed", "sector_uuid": "s3", "sector_name": "Care"},
    ]
    assert built("select * from job_subsectors") == [
        {"job_uuid": "listed", "sector_uuid": "u1", "sector_name": "ICU"}
    ]
    assert built("select position, question_text, options from job_questions") == [
        {"position": 1, "question_text": "Car?", "options": "Yes\nNo"}
    ]


def test_an_answer_is_published_only_where_it_is_an_option(built: Query) -> None:
    rows = built(
        "select question_text, answer_option from application_answers"
        " where candidate_uuid = 'a1' order by position"
    )
    assert {row["question_text"]: row["answer_option"] for row in rows} == {
        "Car?": "Yes",
        "Why us?": None,
        "Days?": "Mo\nWe",
        "Car, too?": None,
        "Nothing?": None,
    }


def test_answers_are_those_of_the_last_state_that_has_any(built: Query) -> None:
    assert built("select answer_option from application_answers where candidate_uuid = 'a2'") == [
        {"answer_option": "Yes"}
    ]


def test_a_job_without_id_is_no_job_and_is_counted(built: Query) -> None:
    assert built("select 1 from jobs where title = 'no id'") == []
    assert built("select without_uuid from freshness") == [{"without_uuid": 1}]
