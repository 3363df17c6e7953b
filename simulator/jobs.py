"""Jobs of a hiring year and their versions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.flows import Flow, choose_flow
from simulator.people import make_uuid
from simulator.places import Place, choose_place


@dataclass(frozen=True, slots=True)
class Named:
    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class Brand:
    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """type: text, select, multiple or yes_no; options are empty for text."""

    type: str
    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """What a job looked like from `at` on. salary: type, period, start, end, details as sent."""

    at: datetime
    title: str
    salary: tuple[str | int | None, ...]
    published: bool
    published_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class Job:
    uuid: str
    brand: Brand
    place: Place
    flow: Flow
    step_uuids: tuple[str, ...]
    sectors: tuple[Named, ...]
    subsectors: tuple[Named, ...]
    questions: tuple[Question, ...]
    contract: str
    period: str
    created_at: datetime
    closes_at: datetime
    versions: tuple[Version, ...]

    def step_uuid(self, name: str) -> str:
        names = [step.name for step in self.flow.steps]
        return self.step_uuids[names.index(name) if name in names else len(names)]


TITLES = (
    "Chef de Partie", "Store Manager", "Data Engineer", "Care Assistant", "Staff Nurse", "Barista",
    "Payroll Specialist", "Warehouse Operative", "Software Engineer", "Accounts Assistant",
    "Receptionist", "Fahrradmechaniker:in", "Pielęgniarka", "営業担当", "مدير المتجر",
)  # fmt: skip
HOSTILE_TITLES = (
    "<script>alert('title')</script> Chef",
    '=HYPERLINK("https://example.test","Click")',
    "Robert'); DROP TABLE jobs;--",
    "  Chef  (blanks stay)  ",
    "{{ config(materialized='view') }} Analyst",
    "Night\tPorter\nWeekend",
    "\u202eredrO tnuoccA\u202c Manager",
    "Manager " + "of very long titles " * 15,
    "👩🏽‍🍳 Head Chef %s %(x)s ${HOME}",
)
SECTORS = {
    "Hospitality": ("Kitchen", "Front of House", "Hotels"),
    "Retail": ("Stores", "Merchandising"),
    "Technology": ("Data", "Engineering", "Support"),
    "Healthcare": ("Nursing", "Care Homes"),
    "Logistics": ("Warehouse", "Transport"),
    "Finance": ("Payroll", "Accounting"),
}
BRANDS = ("Harbour Hotels", "Lavender & Sons", "Ó Dálaigh Foods", "Northwind Care", "Blåbær Tech")
QUESTIONS = (
    Question("yes_no", "Do you have the right to work here?", ("Yes", "No")),
    Question("select", "How many years of experience do you have?", ("0-1", "2-4", "5+")),
    Question("multiple", "Which shifts suit you?", ("Early", "Late", "Night", "Weekend")),
    Question("text", "Why would you like to work with us?"),
)
SALARIES: tuple[tuple[str | int | None, ...], ...] = (
    ("Range", "Annual", "40000", "52000", None),
    ("Range", "Annual", "40,000", "45,000", "plus bonus"),
    ("Range", "Annual", "40.000", "48.000", ""),
    ("Range", "Annual", "€40k", "€55k", "DOE"),
    ("Range", "Hourly", "13.50", "15.25", None),
    ("Range", "Annual", 38000, 42000, None),
    ("Competitive", "Annual", "Competitive", None, "Competitive"),
    ("Competitive", None, None, None, None),
)
CONTRACTS = ("Permanent", "Temporary", "Fixed term", "Internship")
PERIODS = ("Full time", "Part time", "Casual")


def named(rng: random.Random, names: tuple[str, ...]) -> tuple[Named, ...]:
    return tuple(Named(make_uuid(rng), name) for name in names)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the company's jobs share: brands, sectors with their subsectors."""

    brands: tuple[Brand, ...]
    sectors: tuple[tuple[Named, tuple[Named, ...]], ...]


def make_catalogue(rng: random.Random) -> Catalogue:
    return Catalogue(
        tuple(Brand(make_uuid(rng), name) for name in BRANDS),
        tuple(
            (Named(make_uuid(rng), sector), named(rng, parts)) for sector, parts in SECTORS.items()
        ),
    )


def make_job(rng: random.Random, catalogue: Catalogue, opens: datetime, end: datetime) -> Job:
    """A job that opens at `opens` and stays open for five to thirteen weeks or until `end`."""
    flow = choose_flow(rng)
    chosen = rng.sample(catalogue.sectors, rng.choices((0, 1, 2), (1, 14, 5))[0])
    subsectors = tuple(part for _, parts in chosen for part in parts if rng.random() < 0.6)
    closes = opens + timedelta(days=rng.randint(35, 90))
    return Job(
        uuid=make_uuid(rng),
        brand=rng.choice(catalogue.brands),
        place=choose_place(rng),
        flow=flow,
        step_uuids=tuple(make_uuid(rng) for _ in range(len(flow.steps) + 1)),
        sectors=tuple(sector for sector, _ in chosen),
        subsectors=subsectors,
        questions=tuple(q for q in QUESTIONS if rng.random() < 0.4),
        contract=rng.choice(CONTRACTS),
        period=rng.choice(PERIODS),
        created_at=opens - timedelta(minutes=rng.randint(1, 3000)),
        closes_at=closes,
        versions=tuple(v for v in _versions(rng, opens, closes) if v.at <= end),
    )


def _versions(rng: random.Random, opens: datetime, closes: datetime) -> list[Version]:
    """Posted, sometimes edited, closed, sometimes posted again; no two versions are equal."""
    hostile = rng.random() < 0.05
    title = rng.choice(HOSTILE_TITLES if hostile else TITLES)
    salaries = rng.sample(SALARIES, 2)
    versions = [Version(opens, title, salaries[0], True, opens, False)]
    if rng.random() < 0.3:
        edited = opens + timedelta(days=rng.randint(1, 20), seconds=rng.randint(0, 86_000))
        senior = title if rng.random() < 0.5 else f"Senior {title}"
        versions.append(replace(versions[-1], at=edited, title=senior, salary=salaries[1]))
    versions.append(replace(versions[-1], at=closes, closed=True))
    if rng.random() < 0.1:
        again = closes + timedelta(days=rng.randint(2, 20))
        versions.append(replace(versions[-1], at=again, closed=False, published_at=again))
    return versions
