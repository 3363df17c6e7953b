"""sources.yml is the contract's raw tables, and sources' names are published by rule."""

from __future__ import annotations

from tests.warehouse.history import Query, created, day
from warehouse import sources


def named(prefix: str, *names: str) -> list:
    return [created(f"{prefix}{n}", "j", day(0), source_name=name) for n, name in enumerate(names)]


HISTORY = [
    *named("mapped", "INDEED ", "indeed.com"),
    # 4 share one name, 5 share another; case and blanks around do not count.
    *named("four", *["Ann Smith"] * 4),
    *named("five", *["Acme Fair"] * 3, *["acme fair "] * 2),
    *named("address", *["ann@example.com"] * 9),
    created("none", "j", day(0)),
]


def test_sources_are_those_of_the_contract() -> None:
    assert sources.PATH.read_text() == sources.document(), "run python -m warehouse.sources"


def test_a_source_is_named_when_mapped_or_shared_by_five_and_never_by_address(built: Query) -> None:
    rows = built(
        "select source_name, count(*) as n from applications group by all order by source_name"
    )
    assert [(row["source_name"], row["n"]) for row in rows] == [
        ("Acme Fair", 5),
        ("Indeed", 2),
        ("other", 4 + 9),
        (None, 1),
    ]
