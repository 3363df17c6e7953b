from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import envelope
from contract.envelope import NotUnderstood

LANDED_AT = datetime(2026, 11, 24, 9, 30, 0, 1, tzinfo=UTC)
GOOD = b'{"meta":{"event_name":"JobResource_created"},"data":{"uuid":"j"}}'


def nested(depth: int) -> bytes:
    return b'{"meta":{"event_name":"x"},"data":{"a":' + b"[" * depth + b"]" * depth + b"}}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff{}", "not_utf8"),
        (b"{", "not_json"),
        (b'{"a":NaN}', "not_json"),
        (b'{"a":"\\ud800"}', "not_json"),
        (b'{"meta":{"event_name":"x",},"data":{}}', "not_json"),
        (nested(98), None),
        (nested(99), "too_deep"),
        (nested(5000), "too_deep"),
        (b"[1]", "not_an_object"),
        (b'{"data":{}}', "no_meta"),
        (b'{"meta":[],"data":{}}', "no_meta"),
        (b'{"meta":{},"data":{}}', "no_event_name"),
        (b'{"meta":{"event_name":7},"data":{}}', "no_event_name"),
        (b'{"meta":{"event_name":"x"}}', "no_data"),
        (b'{"meta":{"event_name":"x"},"data":[]}', "no_data"),
    ],
)
def test_what_cannot_be_understood_has_a_reason(body: bytes, reason: str | None) -> None:
    if reason is None:
        envelope.understand(body)
        return
    with pytest.raises(NotUnderstood) as refused:
        envelope.understand(body)
    assert refused.value.reason == reason
    assert reason in envelope.REASONS


def landed(body: bytes) -> bytes:
    return envelope.line(body, envelope.understand(body), event_id="e", landed_at=LANDED_AT)


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        b'{"data":{"n":18446744073709551616,"a":1,"a":2},"meta":{"event_name":"x"}}',
        b'{"meta":{"event_name":",\\"body\\":{}"},"data":{"uuid":",\\"body\\":"}}',
    ],
)
def test_the_body_survives_byte_for_byte(body: bytes) -> None:
    head, found = envelope.split(landed(body))
    assert found == body
    assert head["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert head["landed_at"] == "2026-11-24T09:30:00.000001Z"


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_pretty_printed_body_becomes_one_line_that_says_so(newline: bytes) -> None:
    body = orjson.dumps(orjson.loads(GOOD), option=orjson.OPT_INDENT_2).replace(b"\n", newline)
    line = landed(body)
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    head, found = envelope.split(line)
    assert head["nl"] is True
    assert orjson.loads(found) == orjson.loads(body)
    assert head["body_sha256"] == hashlib.sha256(body).hexdigest()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(name=st.text(min_size=1), data=st.dictionaries(st.text(), JSON, max_size=4))
def test_any_event_goes_through_the_line_and_back(name: str, data: dict[str, object]) -> None:
    body = orjson.dumps({"meta": {"event_name": name}, "data": data})
    line = landed(body)
    head, found = envelope.split(line)
    assert (head["event_name"], found) == (name, body)
    assert orjson.loads(line)["body"] == orjson.loads(body)


@pytest.mark.parametrize("line", [b"{}\n", b'{"v":2,"event_id":"e","body":{}}\n', b"x", GOOD])
def test_what_is_no_landed_line_is_said(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a landed line"):
        envelope.split(line)
