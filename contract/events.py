"""The payloads Occupop sends: the only definition of the input.

The vendor documents two samples and five event names, and nothing of types. So the models
are tolerant in shape: every field may be absent or null, unknown fields are kept, and a scalar
may arrive as text or as a number. A model is never the reason for a lost event.

Each field names the raw column it becomes and says whether it is personal data. The
pipeline's SQL, the raw tables, docs/events.md and its JSON Schema are made from here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

CANDIDATE_EVENTS = (
    "CandidateResource_created",
    "CandidateResource_updated",
    "CandidateResource_status_updated",
)
JOB_EVENTS = ("JobResource_created", "JobResource_updated")
EVENT_NAMES = (*JOB_EVENTS, *CANDIDATE_EVENTS)


class Kind(StrEnum):
    """How a value is converted on its way into a raw column (see docs/events.md)."""

    TEXT = "text"  # as sent, never trimmed; empty text is null
    ID = "id"  # as TEXT; UUID-shaped ids are lower-cased
    LINK = "link"  # as TEXT; its query string is a credential: neither stored nor hashed
    TIME = "time"  # TIMESTAMPTZ; a time without a zone is in HIRING_SOURCE_TIMEZONE
    FLAG = "flag"  # BOOLEAN
    NUMBER = "number"  # DOUBLE
    MONEY = "money"  # text as sent, beside DECIMAL(18,2)
    ANSWER = "answer"  # text as sent; of a list, one per line
    CHOICES = "choices"  # one per line: a list, or text split at newlines, else at ; else | else ,


Text = Annotated[str | int | float | bool | None, Kind.TEXT]
Id = Annotated[str | int | None, Kind.ID]
Link = Annotated[str | None, Kind.LINK]
Time = Annotated[str | int | float | None, Kind.TIME]
Flag = Annotated[bool | int | str | None, Kind.FLAG]
Number = Annotated[float | int | str | None, Kind.NUMBER]
Money = Annotated[str | int | float | None, Kind.MONEY]
Answer = Annotated[list[Any] | dict[str, Any] | str | int | float | bool | None, Kind.ANSWER]
Choices = Annotated[list[Any] | dict[str, Any] | str | int | float | bool | None, Kind.CHOICES]


def column(name: str | None, description: str, *, personal: bool = False) -> Any:
    """A payload field and the raw column it becomes."""
    extra: dict[str, Any] = {"column": name, "personal": personal}
    return Field(default=None, description=description, json_schema_extra=extra)


class Shape(BaseModel):
    """Base of every payload part: unknown fields are kept, none is required."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Location(Shape):
    """Keys come in snake_case (documented) or camelCase (seen)."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        alias_generator=AliasGenerator(
            validation_alias=lambda name: AliasChoices(name, to_camel(name))
        ),
    )

    city: Text = column("city", "Town.")
    state: Text = column("state", "State, county or region.")
    country: Text = column("country", "Country name.")
    city_id: Id = column("city_id", "Occupop's id of the town.")
    city_full_name: Text = column("city_full_name", "Town with region and country, as shown.")
    city_lat: Number = column("city_lat", "Latitude in degrees.")
    city_lng: Number = column("city_lng", "Longitude in degrees.")
    country_short: Text = column("country_short", "Country code, ISO 3166-1 alpha-2.")


class Named(Shape):
    """A sector or subsector."""

    uuid: Id = column("uuid", "Its id.")
    name: Text = column("name", "Its name.")


class Step(Shape):
    """The step of the job's hiring flow in which a candidate stands."""

    uuid: Id = column("step_uuid", "Id of the step; steps belong to one job.")
    name: Text = column("step_name", "Name of the step, as the hiring team typed it.")


class File(Shape):
    name: Text = column("file_name", "File name of the CV.", personal=True)
    url: Link = column("file_url", "Link to the CV, without its query string.", personal=True)


class Salary(Shape):
    type: Text = column("salary_type", "Seen: Range, Competitive.")
    period: Text = column("salary_period", "Seen: Annual, Hourly.")
    start: Money = column("salary_start", "Lower end, as sent.")
    end: Money = column("salary_end", "Upper end, as sent.")
    details: Text = column("salary_details", "Free text shown beside the salary.")


class Question(Shape):
    """A question of the application form; on a candidate with the answer."""

    type: Text = column("question_type", "Kind of question.")
    text: Text = column("question_text", "The question.")
    options: Choices = column("options", "The answers to choose from, one per line.")
    answer: Answer = column("answer", "The answer; several stand one per line.", personal=True)


Questions = list[Question] | Question | None


class JobResource(Shape):
    """A job. It has no time of change, so its versions are ordered by landing."""

    uuid: Id = column("uuid", "Job id.")
    title: Text = column("title", "Title of the job.")
    description: Text = column("description", "Text of the advertisement.")
    location: Location | None = None
    sectors: list[Named] | Named | None = None
    subsectors: list[Named] | Named | None = None
    contract: Text = column("contract", "Kind of contract.")
    period: Text = column("period", "Working time.")
    salary: Salary | None = None
    published: Flag = column("is_published", "Whether the job is live.")
    published_at: Time = column("published_at", "When it went live.")
    questions_form: Questions = None
    closed_for_applicants: Flag = column("is_closed", "Whether it is closed for applicants.")
    require_cv: Flag = column("require_cv", "Whether a CV is required.")
    require_opt_in_for_job: Flag = column(
        "require_opt_in_for_job", "Consent for this job is needed."
    )
    require_opt_in_for_database: Flag = column(
        "require_opt_in_for_database", "Consent for the talent pool is needed."
    )
    apply_url: Link = column("apply_url", "Public page to apply on, without its query string.")
    unique_slug: Text = column("unique_slug", "The job's part of its public address.")
    cv_upload_signed_url: Link = column(None, "A credential: not loaded.")
    company_name: Text = column("company_name", "Company or brand.")
    company_logo: Link = column("company_logo", "Logo address, without its query string.")
    company_label_uuid: Id = column("company_label_uuid", "Id of the brand.")
    created_at: Time = column("created_at", "When the job was created.")


class CandidateResource(Shape):
    """A candidate's state in one job at one time."""

    uuid: Id = column("uuid", "Candidate id.")
    status: Text = column("status", "Status, a word the vendor does not list.")
    first_name: Text = column("first_name", "First name.", personal=True)
    last_name: Text = column("last_name", "Last name.", personal=True)
    email: Text = column("email", "E-mail address.", personal=True)
    phone: Text = column("phone", "Telephone number.", personal=True)
    profile: Text = column("profile", "Profile text or link.", personal=True)
    job_uuid: Id = column("job_uuid", "Job applied for.")
    source_type: Text = column("source_type", "Kind of source.")
    source_name: Text = column(
        "source_name", "Name of the source; may name a person.", personal=True
    )
    location: Location | None = None
    file: File | None = None
    hiring_flow_step: Step | None = None
    total_score: Number = column("total_score", "Total score; its scale is not documented.")
    ai_score: Number = column("ai_score", "AI score.")
    interview_score: Number = column("interview_score", "Interview score.")
    questions_score: Number = column("questions_score", "Score of the answers.")
    questions_form: Questions = None
    created_at: Time = column("created_at", "When the candidate was created.")
    updated_at: Time = column("updated_at", "When this state came to be: what orders states.")
    received_at: Time = column("received_at", "When the application was received.")
    hired_at: Time = column("hired_at", "When hired.")
    starts_at: Time = column("starts_at", "First working day.")


class Meta(Shape):
    resource_type: Text = column("resource_type", "JobResource or CandidateResource.")
    event_name: Text = column("event_name", "One of the five documented names, or a new one.")


class JobEvent(Shape):
    """A delivery about a job."""

    meta: Meta
    data: JobResource


class CandidateEvent(Shape):
    """A delivery about a candidate."""

    meta: Meta
    data: CandidateResource
