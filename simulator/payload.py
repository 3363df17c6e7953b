"""Payloads as Occupop sends them: the `data` of a delivery, in one of several shapes.

The same state may be sent in any shape; what it says is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from simulator.candidates import BAD_TIME, FUTURE_TIME, NO_JOB, NO_TIME, NO_UUID, Candidate
from simulator.jobs import Job, Question, Version
from simulator.journey import State
from simulator.places import Place

Data = dict[str, Any]

STATUSES = (
    {"open": "active", "hired": "hired", "rejected": "rejected", "withdrawn": "withdrawn"},
    {"open": "In Progress", "hired": "Hired", "rejected": "Unsuccessful", "withdrawn": "Withdrew"},
    {"open": "new", "hired": "HIRED", "rejected": "disqualified", "withdrawn": "withdrawn"},
)
UNKNOWN_STATUS = "Parked by panel"


@dataclass(frozen=True, slots=True)
class Shape:
    """times: zulu, bare or offset. The rest: alternatives of what is documented."""

    times: str = "zulu"
    camel_case: bool = False
    numbers_as_text: bool = False
    ids_in_capitals: bool = False
    lists_as_text: bool = False
    flags: tuple[Any, Any] = (False, True)

    def time(self, moment: datetime | None) -> str | None:
        if moment is None:
            return None
        if self.times == "bare" and moment.microsecond == 0:
            return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        if self.times == "offset":
            return moment.astimezone(_OFFSET).isoformat()
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def number(self, value: float | None) -> float | str | None:
        return str(value) if self.numbers_as_text and value is not None else value

    def id(self, uuid: str | None) -> str | None:
        return uuid.upper() if self.ids_in_capitals and uuid else uuid

    def flag(self, value: bool) -> Any:
        return self.flags[value]


_OFFSET = timezone(timedelta(hours=2))

SHAPES = (
    Shape(),
    Shape(camel_case=True),
    Shape("bare", numbers_as_text=True, flags=("0", "1")),
    Shape("bare", camel_case=True, lists_as_text=True, flags=("no", "yes")),
    Shape("offset", ids_in_capitals=True, flags=("false", "true")),
)


def location(place: Place, shape: Shape) -> Data:
    keys = _CAMEL if shape.camel_case else _SNAKE
    values = (
        place.city,
        place.state,
        place.country,
        place.city_id,
        place.city_full_name,
        shape.number(place.city_lat),
        shape.number(place.city_lng),
        place.country_short,
    )
    return dict(zip(keys, values, strict=True))


_SNAKE = (
    "city", "state", "country", "city_id", "city_full_name", "city_lat", "city_lng",
    "country_short",
)  # fmt: skip
_CAMEL = (
    "city", "state", "country", "cityId", "cityFullName", "cityLat", "cityLng", "countryShort",
)  # fmt: skip


def questions(
    form: tuple[Question, ...], answers: tuple[tuple[str, ...], ...] | None, shape: Shape
) -> Any:
    """null without questions, an object for one, a list for several (or for one)."""
    asked = [
        {
            "type": question.type,
            "text": question.text,
            "options": _choices(question.options, shape),
            "answer": None if answers is None else _choices(answers[number], shape),
        }
        for number, question in enumerate(form)
    ]
    if len(asked) == 1 and not shape.camel_case:
        return asked[0]
    return asked or None


def _choices(values: tuple[str, ...], shape: Shape) -> Any:
    if not values:
        return None
    return "\n".join(values) if shape.lists_as_text or len(values) == 1 else list(values)


def job_data(job: Job, version: Version, shape: Shape) -> Data:
    """`data` of a JobResource event."""
    slug = job.uuid[:8]
    kind, period, start, end, details = version.salary
    return {
        "uuid": shape.id(job.uuid),
        "title": version.title,
        "description": f"<p>{job.brand.name} is hiring in {job.place.city}.</p>" + _ADVERTISEMENT,
        "location": location(job.place, shape),
        "sectors": [{"uuid": shape.id(s.uuid), "name": s.name} for s in job.sectors],
        "subsectors": [{"uuid": shape.id(s.uuid), "name": s.name} for s in job.subsectors],
        "contract": job.contract,
        "period": job.period,
        "salary": {
            "type": kind, "period": period, "start": start, "end": end, "details": details,
        },
        "published": shape.flag(version.published),
        "published_at": shape.time(version.published_at),
        "questions_form": questions(job.questions, None, shape),
        "closed_for_applicants": shape.flag(version.closed),
        "require_cv": shape.flag(True),
        "require_opt_in_for_job": shape.flag(True),
        "require_opt_in_for_database": shape.flag(False),
        "apply_url": f"https://jobs.example.com/apply/{slug}",
        "unique_slug": slug,
        "cv_upload_signed_url": f"https://files.example.com/cv/{slug}?signature=invented",
        "company_name": job.brand.name,
        "company_logo": "https://files.example.com/logo.png",
        "company_label_uuid": shape.id(job.brand.uuid),
        "created_at": shape.time(job.created_at),
        "close_date": None,
        "workplace": "On site",
    }  # fmt: skip


def candidate_data(candidate: Candidate, state: State, shape: Shape) -> Data:
    """`data` of a CandidateResource event."""
    person = candidate.person
    job_uuid = None if candidate.oddity == NO_JOB else shape.id(state.job.uuid)
    data: Data = {
        "uuid": None if candidate.oddity == NO_UUID else shape.id(candidate.uuid),
        "status": _status(candidate, state),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "profile": person.profile,
        "job_uuid": job_uuid,
        "source_type": candidate.source_type,
        "source_name": candidate.source_name,
        "location": location(candidate.place, shape),
        "file": {
            "name": "cv.pdf",
            "url": f"https://files.example.com/{candidate.uuid}.pdf?expires={shape.times}",
        },
        "hiring_flow_step": _step(candidate, state, shape),
        "total_score": shape.number(candidate.total_score),
        "ai_score": shape.number(state.ai_score),
        "interview_score": shape.number(state.interview_score),
        "questions_score": shape.number(candidate.questions_score),
        "questions_form": questions(candidate.form.questions, candidate.answers, shape),
        "created_at": shape.time(candidate.created_at),
        "updated_at": _updated_at(candidate, state, shape),
        "received_at": shape.time(candidate.received_at),
        "hired_at": shape.time(state.hired_at),
        "starts_at": shape.time(state.starts_at),
    }
    if candidate.vocabulary == 2:
        data["id_ref"] = None
        data["x_pipeline"] = {"board": 7, "tags": ["a", "b"]}
    return data


def _status(candidate: Candidate, state: State) -> str:
    return STATUSES[candidate.vocabulary].get(state.outcome, UNKNOWN_STATUS)


def _step(candidate: Candidate, state: State, shape: Shape) -> Data | None:
    if state.step is None or candidate.oddity == NO_JOB:
        return None
    return {"uuid": shape.id(state.job.step_uuid(state.step)), "name": state.step}


def _updated_at(candidate: Candidate, state: State, shape: Shape) -> str | None:
    if candidate.oddity == NO_TIME:
        return None
    if candidate.oddity == BAD_TIME:
        return "yesterday, after lunch"
    if candidate.oddity == FUTURE_TIME:
        return "2222-02-02T02:02:02.000000Z"
    return shape.time(state.at.replace(microsecond=candidate.micros))


_ADVERTISEMENT = (
    "<ul><li>A friendly team and a rota that is published four weeks ahead.</li>"
    "<li>Training from the first day, a meal on shift and a yearly review.</li>"
    "<li>You bring care for detail; everything else can be learned here.</li></ul>"
)
