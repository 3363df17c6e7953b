"""Invented people: names of many scripts, addresses that can reach no one."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from uuid import UUID

FIRST_NAMES = (
    "Aoife", "Ciarán", "Niamh", "Oisín", "Róisín", "Seán", "Anna", "Piotr", "Zofia", "Małgorzata",
    "José", "Lucía", "João", "Renée", "Jürgen", "Søren", "Åsa", "Nguyễn", "Olena", "Дмитро",
    "Мария", "Ελένη", "محمد", "فاطمة", "דוד", "נעמי", "伟", "美咲", "지훈", "आरव", "ธนา", "Ngozi",
)  # fmt: skip
LAST_NAMES = (
    "Murphy", "O'Brien", "Ní Dhomhnaill", "Kelly", "Byrne", "Kowalska", "Wiśniewski",
    "García López", "da Silva",
    "Lefèvre", "Müller-Lüdenscheidt", "Østergård", "Шевченко", "Παπαδόπουλος",
    "العتيبي", "כהן", "王", "佐藤", "김", "शर्मा", "ศรีสุข", "Okonkwo-Adeyemi", "Mac Giolla Bhríde",
    "van der Westhuizen", "Wolfeschlegelsteinhausenbergerdorff",
)  # fmt: skip
DOMAINS = ("example.com", "example.org", "mail.example.com", "people.test")
_SENTENCES = (
    "Worked five seasons in a busy kitchen and led a team of four.",
    "Enjoys early shifts, clear handovers and tidy stock rooms.",
    "Built internal dashboards with SQL and a lot of patience.",
    "Holds a full clean driving licence and a manual handling certificate.",
    "Cared for residents with dementia; trained in medication management.",
    "Moved from retail to support after a certificate in customer care.",
    "Available after a notice period of four weeks.",
    "Speaks English and two further languages.",
)


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str | None
    phone: str
    profile: str


def make_person(rng: random.Random, number: int) -> Person:
    """An invented person; `number` makes the address unique."""
    email = f"applicant.{number}@{rng.choice(DOMAINS)}" if rng.random() > 0.01 else None
    return Person(
        first_name=rng.choice(FIRST_NAMES),
        last_name=rng.choice(LAST_NAMES),
        email=email,
        phone=f"+44 1632 960{rng.randrange(1000):03d}",  # numbers reserved for fiction
        profile=" ".join(rng.sample(_SENTENCES, 2)),
    )


def again(person: Person) -> Person:
    """The same person as typed another time: the address differs in case and blanks only."""
    return replace(person, email=person.email and f" {person.email.title()}")


def make_uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
