"""What is stored of a candidate, where, why and how long: the table of docs/privacy.md."""

from __future__ import annotations

from collections.abc import Iterator

from contract import raw
from contract.events import CandidateResource, Question

PUBLISHED = "landing, raw, hiring.duckdb"
PRIVATE = "landing, raw"
KEPT = "until erased or retained out"

_STATE = "orders and tells apart the states of an application"
_PLACE = "figures by place"
_SCORE = "score calibration; shown with its outcome and a warning only"
# raw column -> (where, why)
PURPOSES: dict[str, tuple[str, str]] = {
    "uuid": (PUBLISHED, "tells applications apart; a pseudonym, since Occupop can name who it is"),
    "status": (PUBLISHED, "outcome"),
    "first_name": (PRIVATE, "none of ours: part of the event as received"),
    "last_name": (PRIVATE, "none of ours: part of the event as received"),
    "email": (PRIVATE, "`person_key`, its keyed hash, joins a person's applications"),
    "phone": (PRIVATE, "none of ours: part of the event as received"),
    "profile": (PRIVATE, "none of ours: part of the event as received"),
    "job_uuid": (PUBLISHED, "the application's job"),
    "source_type": (PUBLISHED, "source effectiveness"),
    "source_name": (
        PUBLISHED,
        "source effectiveness; published when mapped or shared by 5 applications, else `other`",
    ),
    "city": (PUBLISHED, _PLACE),
    "state": (PRIVATE, _PLACE),
    "country": (PUBLISHED, _PLACE),
    "city_id": (PRIVATE, "none of ours: part of the event as received"),
    "city_full_name": (PRIVATE, "none of ours: part of the event as received"),
    "city_lat": (PRIVATE, "none of ours: part of the event as received"),
    "city_lng": (PRIVATE, "none of ours: part of the event as received"),
    "country_short": (PUBLISHED, _PLACE),
    "file_name": (PRIVATE, "none of ours: part of the event as received"),
    "file_url": (PRIVATE, "none of ours; raw keeps it without its query string"),
    "step_uuid": (PRIVATE, "stage visits"),
    "step_name": (PUBLISHED, "stage visits"),
    "total_score": (PUBLISHED, _SCORE),
    "ai_score": (PUBLISHED, _SCORE),
    "interview_score": (PUBLISHED, _SCORE),
    "questions_score": (PUBLISHED, _SCORE),
    "created_at": (PUBLISHED, "`applied_at`"),
    "updated_at": (PUBLISHED, _STATE),
    "received_at": (PUBLISHED, "`applied_at`"),
    "hired_at": (PUBLISHED, "time to hire"),
    "starts_at": (PUBLISHED, "time to start"),
    "question_type": (PUBLISHED, "application answers"),
    "question_text": (PUBLISHED, "application answers"),
    "options": (PUBLISHED, "application answers"),
    "answer": (PUBLISHED, "published only where it equals an option of the question"),
    "person_key": (
        "raw, hiring.duckdb",
        "joins a person's applications without naming them",
    ),
    "extra": (PRIVATE, "unknown fields are kept until someone knows what they are"),
}


def table() -> str:
    """The inventory as a Markdown table. Raises KeyError on a field without a purpose."""
    return "\n".join(
        [
            "| field | personal | where | why | how long |",
            "|---|---|---|---|---|",
            *(
                f"| `{name}` | {personal} | {where} | {why} | {KEPT} |"
                for name, personal, where, why in _rows()
            ),
        ]
    )


def _rows() -> Iterator[tuple[str, str, str, str]]:
    for column in raw.payload_columns(CandidateResource):
        yield _row(".".join(column.path), column.name, column.personal)
    for column in raw.payload_columns(Question):
        yield _row(f"questions_form.{column.path[0]}", column.name, column.personal)
    yield _row("unknown fields", "extra", True)
    yield _row("person_key", "person_key", True)


def _row(field: str, column: str, is_personal: bool) -> tuple[str, str, str, str]:
    return field, "identifies" if is_personal else "about a person", *PURPOSES[column]
