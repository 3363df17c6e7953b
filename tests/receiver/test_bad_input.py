"""What the receiver answers to bad input, and where the bytes went."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from contract.landing import Landing
from tests.receiver.conftest import Running, Start, payload

# The vendor's own samples have a comma too many in just this place.
VENDOR_SAMPLE = (
    b'{"meta":{"resource_type":"JobResource","event_name":"JobResource_created",},"data":{}}'
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "not_json"),
        (VENDOR_SAMPLE, "not_json"),
        (b'["a list"]', "not_an_object"),
        (b"{}", "no_meta"),
        (b'{"test":1}', "no_meta"),
        (b'{"meta":[],"data":{}}', "no_meta"),
        (b'{"meta":{},"data":{}}', "no_event_name"),
        (b'{"meta":{"event_name":""},"data":{}}', "no_event_name"),
        (b'{"meta":{"event_name":"JobResource_created"}}', "no_data"),
        (b'{"meta":{"event_name":"x"},"data":{"a":NaN}}', "not_json"),
        (b'{"meta":{"event_name":"x"},"data":{"a":1e400}}', "not_json"),
        (b'{"meta":{"event_name":"x"},"data":{"a":"\xff"}}', "not_utf8"),
        (b'{"meta":{"event_name":"x"},"data":{"a":"\\ud800"}}', "not_json"),
        (b'{"meta":{"event_name":"x"},"data":{"a":' + b"[" * 99 + b"]" * 99 + b"}}", "too_deep"),
        (b'{"meta":{"event_name":"x"},"data":' + b"[" * 2000 + b"]" * 2000 + b"}", "too_deep"),
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\x00" * 64, "not_json"),
    ],
)
def test_what_is_not_understood_is_kept_byte_exact_and_answered_200(
    shared: Running, body: bytes, reason: str
) -> None:
    landed, kept = shared.took
    answer = shared.post(body)
    assert answer.status_code == 200
    assert shared.took == (landed, kept + 1)
    assert answer.json() == {"status": "quarantined", "id": answer.json()["id"], "reason": reason}
    item, same = shared.quarantine.show(answer.json()["id"])
    assert (item.reason, same, item.sha256) == (reason, body, hashlib.sha256(body).hexdigest())


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_pretty_printed_bodies_land_on_one_line(receiver: Running, newline: bytes) -> None:
    body = orjson.dumps(orjson.loads(payload()), option=orjson.OPT_INDENT_2)
    body = body.replace(b"\n", newline)
    assert receiver.post(body).json()["status"] == "landed"
    [(head, kept)] = receiver.stop()
    assert head["nl"] is True
    assert orjson.loads(kept) == orjson.loads(body)
    assert head["body_sha256"] == hashlib.sha256(body).hexdigest()


def test_a_body_at_the_depth_limit_lands(receiver: Running) -> None:
    body = b'{"meta":{"event_name":"x"},"data":{"a":' + b"[" * 98 + b"]" * 98 + b"}}"
    assert receiver.post(body).json()["status"] == "landed"
    assert receiver.stop()[0][1] == body


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "Événement", "x" * 5000, "a=b\\c"])
def test_an_unknown_event_name_never_becomes_a_path(receiver: Running, name: str) -> None:
    assert receiver.post(payload(name=name)).json()["status"] == "landed"
    [(head, _)] = receiver.stop()
    assert head["event_name"] == name
    folders = [path.name for path in Landing(receiver.home).root.iterdir() if path.is_dir()]
    assert sorted(folders) == ["_manifest", "event_name=_unknown"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_big_is_413_and_kept_nowhere(start: Start, chunked: bool) -> None:
    receiver = start(max_body_bytes=2048)
    body = payload(profile="x" * 300_000)
    answer = receiver.post(iter([body[:1000], body[1000:]]) if chunked else body)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert receiver.post(payload()).status_code == 200
    assert len(receiver.stop()) == 1
    assert receiver.quarantine.count() == 0


def test_the_largest_allowed_body_lands(start: Start) -> None:
    receiver = start(max_body_bytes=200_000)
    spare = 200_000 - len(payload(profile=""))
    body = payload(profile="x" * spare)
    assert len(body) == 200_000
    assert receiver.post(body).status_code == 200
    assert receiver.post(body + b" ").status_code == 413
    assert [kept for _, kept in receiver.stop()] == [body]


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "GZIP"])
def test_a_compressed_body_is_415(shared: Running, encoding: str) -> None:
    before = shared.took
    answer = shared.post(b"\x1f\x8b" + b"\0" * 500, headers={"content-encoding": encoding})
    assert answer.status_code == 415
    assert shared.took == before


def test_duplicate_keys_big_numbers_and_key_order_survive(receiver: Running) -> None:
    body = (
        b'{"data":{"b":18446744073709551617,"b":2,"a":1e400,"z":"\\u00e9"},'
        b'"meta":{"event_name":"JobResource_created"}}'
    )
    answer = receiver.post(body.replace(b"1e400", b"1e30"))
    assert answer.json()["status"] == "landed"
    assert receiver.stop()[0][1] == body.replace(b"1e400", b"1e30")


def test_a_test_of_the_url_lands_nothing(receiver: Running) -> None:
    for answer in (receiver.post(b'{"test":true}'), receiver.client.get(receiver.path)):
        assert (answer.status_code, answer.json()) == (200, {"status": "ping"})
    assert receiver.client.head(receiver.path).status_code == 200
    assert receiver.stop() == []
    assert receiver.quarantine.count() == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405_and_say_what_is_allowed(shared: Running, method: str) -> None:
    answer = shared.client.request(method, shared.path, content=payload())
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, GET, HEAD")


def test_what_landed_has_an_envelope_that_says_how(receiver: Running, tmp_path: Path) -> None:
    body = payload(7, "JobResource_created")
    answer = receiver.post(body, headers={"webhook-id": "msg_1"})
    [(head, kept)] = receiver.stop()
    assert kept == body
    assert head["event_id"] == answer.json()["event_id"]
    assert (head["source"], head["webhook_id"], head["resource_uuid"]) == (
        "webhook",
        "msg_1",
        "uuid-7",
    )
