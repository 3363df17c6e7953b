"""Ids that are a function of what was landed: they stay what they were in earlier versions."""

from __future__ import annotations

import random
from collections import Counter
from hashlib import sha256
from uuid import RFC_4122, UUID

import pytest

from receiver.identity import Occurrences, derived, of_imports


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("0", "93d2a34a-4097-8cce-b398-a40845e232d1"),
        ("1", "d799ce16-6510-84ac-93ab-382731aeaa95"),
        ("2", "72c7ddec-3673-8769-b15d-86416462f457"),
    ],
)
def test_ids_of_earlier_imports_are_found_again(count: str, expected: str) -> None:
    assert derived("body", "", count) == expected


def test_ids_are_the_digest_but_for_version_and_variant() -> None:
    for number in range(500):  # each of the sixteen digits comes where the variant is written
        digest = int.from_bytes(sha256(str(number).encode()).digest()[:16])
        found = UUID(derived(str(number)))
        assert (found.version, found.variant) == (8, RFC_4122)
        assert (found.int ^ digest) & ~(0xF << 76 | 0b11 << 62) == 0


@pytest.mark.parametrize("as_of", [None, "2025-01-02T00:00:00.000000Z"])
def test_ids_of_many_are_those_of_each(as_of: str | None) -> None:
    bodies = [sha256(str(number).encode()).hexdigest() for number in range(20)]
    assert of_imports(bodies, as_of) == [derived(body, as_of or "", "0") for body in bodies]


def test_a_body_that_comes_again_is_counted() -> None:
    seen = Occurrences()
    assert seen.repeated({0: 7, 10: 8}) == {}
    assert seen.repeated({0: 9, 10: 8, 20: 9, 30: 8}) == {10: 1, 20: 1, 30: 2}
    assert [seen.before(8), seen.before(6)] == [3, 0]


def test_bodies_of_many_chunks_are_counted_as_one_after_the_other() -> None:
    draw, seen, plain = random.Random(5), Occurrences(), Counter[int]()
    for _ in range(200):
        chunk = {number: draw.randrange(120) for number in range(draw.randrange(12))}
        expected = {}
        for number, body in chunk.items():
            if plain[body]:
                expected[number] = plain[body]
            plain[body] += 1
        assert seen.repeated(chunk) == expected
