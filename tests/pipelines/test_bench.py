from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.bench import Bench
from pipelines.person import PersonKeys
from pipelines.segments import batches
from pipelines.shred import shred
from tests.contract.landed_lines import odd, ordinary
from tests.pipelines.conftest import Zone

Event = Callable[..., dict[str, Any]]
KEYS = PersonKeys(b"secret")


def of_all_sorts(folder: Path, event: Event) -> list[Zone]:
    """A batch each. Plans that knew the rows of one of them would be wrong for the others."""
    bodies = [
        [],
        [event(uuid=f"c{n}", total_score=n, email=f"{n}@example.com") for n in range(3000)],
        [event(uuid=None, email=None, created_at=None, location=None, questions_form=None)],
        [event(uuid="c", total_score="many", planet={"name": "Mars"}, location=[1], file="cv")],
        [event("JobResource_created", uuid=f"j{n}", salary={"start": n}) for n in range(3)],
        [event(uuid="c" * 100_000, email="İ" * 300, profile="x" * 10), event("NewKind", uuid="n")],
    ]
    zones = [Zone(folder / str(number)) for number in range(len(bodies) + 1)]
    for zone, sent in zip(zones, bodies, strict=False):
        zone.land(*sent)
    zones[-1].seal({"CandidateResource_updated": list(ordinary()), "_unknown": list(odd())})
    return zones


def made(bench: Bench, zone: Zone) -> dict[str, pa.Table]:
    (batch,) = batches(zone.landing.entries({}))
    return shred(bench, zone.landing, batch, scratch=zone.home)


def test_each_batch_has_the_rows_that_it_has_on_a_new_bench(tmp_path: Path, event: Event) -> None:
    zones = of_all_sorts(tmp_path, event)
    alone = []
    for zone in zones:
        with Bench("UTC", KEYS) as bench:
            alone.append(made(bench, zone))
    for order in (range(len(zones)), reversed(range(len(zones))), (1, 1, 3, 5, 3, 1)):
        with Bench("UTC", KEYS) as bench:
            for number in order:
                assert made(bench, zones[number]) == alone[number]


def test_nothing_of_a_batch_is_left_on_the_bench(zone: Zone, event: Event) -> None:
    zone.land(*(event(uuid=f"c{n}", planet="Mars", file=[]) for n in range(20_000)))
    with Bench("UTC", KEYS) as bench:
        for _ in range(2):
            assert made(bench, zone)["candidate_events"].num_rows == 20_000
            left = bench.connection.sql(
                "select sum(memory_usage_bytes) from duckdb_memory() where tag = 'IN_MEMORY_TABLE'"
            )
            assert left.fetchall()[0][0] < 1 << 20


ADDRESSES = ["ann@example.com", "Ann@Example.COM", " ann@example.com", "ann@example.com\t", "ANN",
             "\u00c4nn@example.com", "stra\u00dfe@example.com", "\u0130@example.com", "a b@c",
             "o'neil@example.com", "\u00a0ann@example.com", "\x1fann@example.com", "0"]  # fmt: skip


@pytest.mark.parametrize("secret", [b"", b"secret", b"\0" * 64, b"\xff" * 64, b"longer" * 11])
def test_the_key_of_a_person_is_the_one_of_pythons_hmac(
    zone: Zone, event: Event, secret: bytes
) -> None:
    keys = PersonKeys(secret)
    zone.land(*(event(uuid=f"c{n}", email=email) for n, email in enumerate(ADDRESSES)))
    with Bench("UTC", keys) as bench:
        rows = made(bench, zone)["candidate_events"].to_pylist()
    assert {r["email"]: r["person_key"] for r in rows} == {a: keys.key(a) for a in ADDRESSES}
