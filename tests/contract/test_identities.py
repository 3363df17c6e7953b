"""Of whom a body speaks, whatever its keys do."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from contract.identities import NOBODY, identities

UPDATED = "CandidateResource_updated"
ANN, BOB = "c9b1aae2-875b-4c41-b3f3-779a50bea464", "11111111-875b-4c41-b3f3-779a50bea464"


def body(data: str) -> bytes:
    return b'{"meta":{"event_name":"CandidateResource_updated"},"data":' + data.encode() + b"}"


@pytest.mark.parametrize(
    "data",
    [
        '{"uuid":"a","uuid":"b"}',
        '{"uuid":"a","status":"new","\\u0075uid" : "b"}',
        '{"uuid":"a","hiring_flow_step":{"name":"x"},"uuid":"b"}',
        '{"uuid":"a"},"data":{"uuid":"b"}',
        '{"uuid":"a"},"d\\u0061ta":{"uuid":"b"}',
    ],
)
def test_every_id_of_a_key_that_stands_twice_counts(data: str) -> None:
    assert identities(UPDATED, body(data)).uuids == ["a", "b"]


def test_every_address_of_a_key_that_stands_twice_counts() -> None:
    data = '{"uuid":"a","email":"ann@example.com","email":"bob@example.com"}'
    assert identities(UPDATED, body(data)).emails == ["ann@example.com", "bob@example.com"]


def test_of_times_that_stand_twice_the_first_counts_as_in_the_tables() -> None:
    data = '{"uuid":"a","updated_at":"2026-01-01 09:00:00","updated_at":"2026-02-01 09:00:00"}'
    assert identities(UPDATED, body(data)).time == datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        {"uuid": "a", "hiring_flow_step": {"uuid": "s"}, "email": "ann@example.com"},
        {
            "uuid": "a",
            "referrer": {"uuid": BOB, "email": "bob@example.com"},
            "email": "ann@example.com",
        },
        {"uuid": "a", "friends": [{"uuid": BOB}], "email": "ann@example.com"},
        {"uuid": "a", "note": '"uuid":"b"', "email": "ann@example.com"},
    ],
)
def test_an_id_in_another_place_is_not_whose_the_event_is(data: dict[str, object]) -> None:
    found = identities(UPDATED, body(orjson.dumps(data).decode()))
    assert (found.uuids, found.emails) == (["a"], ["ann@example.com"])


@pytest.mark.parametrize("number", ["7", "18446744073709551616"])
def test_a_number_is_an_id_to_its_last_digit(number: str) -> None:
    assert identities(UPDATED, body(f'{{"uuid":{number}}}')).uuids == [number]


def test_in_an_event_that_is_not_documented_no_spelling_hides_an_id() -> None:
    text = f'{{"meta":{{}},"data":{{"x":"{ANN}","x":"{BOB}","n":1}}}}'.encode()
    assert identities("Surprise", text).uuids == [ANN, BOB]


@pytest.mark.parametrize("text", [b"not json", b"[1]", b'{"data":1}', b'{"data":[{"uuid":"a"}]}'])
def test_what_says_of_nobody_is_of_nobody(text: bytes) -> None:
    assert identities(UPDATED, text) == NOBODY
