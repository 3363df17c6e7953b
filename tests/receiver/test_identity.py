"""Ids that are a function of what was landed: they stay what they were in earlier versions."""

from __future__ import annotations

from hashlib import sha256
from uuid import RFC_4122, UUID

import pytest

from receiver.identity import Occurrences, derived


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


def test_a_body_that_comes_again_is_another_event() -> None:
    digest = sha256(b"{}").digest()
    first, second = Occurrences(None), Occurrences(None)
    ids = [first.event_id(digest) for _ in range(3)]
    assert len(set(ids)) == 3
    assert ids == [second.event_id(digest) for _ in range(3)]
