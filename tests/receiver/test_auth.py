"""Who gets in: tokens, signatures, addresses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from contract.settings import Settings, SettingsError
from receiver.auth import Door, NoSecret
from tests.receiver.conftest import TOKEN, Running, Start, payload

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"o" * 24).decode()


def door(**options: Any) -> Door:
    return Door(Settings(**options))


def signed(body: bytes, secret: str = SECRET, name: str = "msg_1", age: int = 0) -> dict[str, str]:
    time = datetime.now(UTC) - timedelta(seconds=age)
    signature = Webhook(secret).sign(name, time, body.decode())
    stamp = str(int(time.timestamp()))
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}


def raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in headers.items()}


def test_nothing_to_keep_strangers_out_is_refused_at_the_start() -> None:
    with pytest.raises(NoSecret, match="HIRING_WEBHOOK_TOKENS"):
        door()
    assert Door(Settings(), insecure=True).label("", {}) == "insecure"


@pytest.mark.parametrize(
    "path",
    ["/webhooks/occupop/wrong-token-0123456789", "/webhooks/occupop", "/webhooks/occupop/", "/x"],
)
@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
def test_a_wrong_token_and_a_wrong_path_look_the_same(
    shared: Running, path: str, method: str
) -> None:
    answer = shared.client.request(method, path, content=payload())
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert shared.took == (0, 0)


def test_tokens_rotate_and_each_use_is_known_by_label(start: Start) -> None:
    receiver = start(webhook_tokens=f"old={TOKEN},new=another-token-0000002")
    receiver.post(payload(1))
    headers = {"authorization": "Bearer another-token-0000002"}
    answer = receiver.client.post("/webhooks/occupop", content=payload(2), headers=headers)
    assert answer.status_code == 200
    assert receiver.client.get("/webhooks/occupop/another-token-0000002").status_code == 200
    receiver.stop()
    [counts] = receiver.all_counts()
    assert set(counts.used) == {"old", "new"}


def test_no_token_in_a_dump_of_the_settings_nor_in_the_log(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver = start()
    assert TOKEN.encode() not in pickle.dumps(receiver.settings)
    assert TOKEN not in repr(receiver.settings)
    receiver.post(b"bad")
    receiver.client.get("/webhooks/occupop/" + TOKEN[::-1])
    receiver.stop()
    output = capsys.readouterr()
    assert TOKEN not in output.out + output.err


def test_a_standard_webhooks_signature_is_required_and_checked(start: Start) -> None:
    receiver = start(signing_secrets=f"{OLD_SECRET},{SECRET}")
    body = payload()
    assert receiver.post(body).status_code == 404
    assert receiver.post(body + b" ", headers=signed(body)).status_code == 404
    assert receiver.post(body, headers=signed(body, age=299)).status_code == 200
    assert receiver.post(body, headers=signed(body, name="2", secret=OLD_SECRET)).status_code == 200
    for age in (301, -301):
        assert receiver.post(body, headers=signed(body, age=age)).status_code == 404
    assert len(receiver.stop()) == 2


def test_a_replayed_signature_is_answered_as_before_and_lands_once(start: Start) -> None:
    receiver = start(signing_secrets=SECRET)
    body = payload()
    headers = signed(body)
    answers = [receiver.post(body, headers=headers).json() for _ in range(3)]
    assert answers == answers[:1] * 3
    again = receiver.post(body, headers=signed(body, age=5)).json()
    assert again["event_id"] != answers[0]["event_id"]
    assert len(receiver.stop()) == 2


def test_every_signature_of_the_reference_library_is_accepted() -> None:
    for number in range(50):
        body = payload(number)
        secret = "whsec_" + base64.b64encode(hashlib.sha256(bytes([number])).digest()).decode()
        headers = signed(body, secret, f"msg_{number}")
        assert door(signing_secrets=secret).signed(raw(headers), body)
        Webhook(secret).verify(body, headers, json_parse=False)


@settings(max_examples=150, deadline=None)
@given(
    name=st.binary(max_size=30),
    stamp=st.binary(max_size=14) | st.integers(0, 1 << 40).map(lambda n: str(n).encode()),
    signature=st.binary(max_size=80) | st.binary(max_size=40).map(lambda b: b"v1," + b),
)
def test_no_other_signature_gets_in_or_raises(name: bytes, stamp: bytes, signature: bytes) -> None:
    headers = {
        b"webhook-id": name,
        b"webhook-timestamp": stamp,
        b"webhook-signature": signature,
    }
    assert not door(signing_secrets=SECRET).signed(headers, b"body")


@pytest.mark.parametrize(
    ("algorithm", "encoding", "prefix"),
    [
        ("sha256", "hex", ""),
        ("sha256", "hex", "sha256="),
        ("sha1", "base64", ""),
        ("sha512", "hex", "sha512="),
    ],
)
def test_a_plain_hmac_header_as_others_send_it(algorithm: str, encoding: str, prefix: str) -> None:
    digest = hmac.digest(b"plain-secret", b"body", algorithm)
    text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    made = door(
        hmac_secrets="other,plain-secret",
        hmac_header="X-Hub-Signature",
        hmac_algorithm=algorithm,
        hmac_encoding=encoding,
    )
    assert made.signed({b"x-hub-signature": (prefix + text).encode()}, b"body")
    assert not made.signed({b"x-hub-signature": (prefix + text).encode()}, b"other")
    for wrong in (b"", b"zz", prefix.encode(), b"\xff"):
        assert not made.signed({b"x-hub-signature": wrong}, b"body")


def test_a_signing_secret_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="HIRING_SIGNING_SECRETS"):
        door(signing_secrets="whsec_???")


@pytest.mark.parametrize(
    ("peer", "forwarded", "passes"),
    [
        ("192.0.2.7", "", True),
        ("198.51.100.1", "", False),
        ("198.51.100.1", "192.0.2.7", False),  # not a proxy of ours: its word counts nothing
        ("10.0.0.1", "192.0.2.7", True),
        ("10.0.0.1", "192.0.2.7, 198.51.100.1", False),  # the last hop is what our proxy saw
        ("10.0.0.1", "198.51.100.1, 192.0.2.7, 10.0.0.2", True),
        ("10.0.0.1", "", False),
        ("10.0.0.1", "nonsense", False),
        ("::ffff:192.0.2.7", "", True),
        (None, "", False),
    ],
)
def test_addresses(peer: str | None, forwarded: str, passes: bool) -> None:
    made = door(webhook_tokens=TOKEN, allowed_ips="192.0.2.0/24", trusted_proxies="10.0.0.0/8")
    assert made.lets_in(peer, {b"x-forwarded-for": forwarded.encode()}) is passes


def test_an_address_that_may_not_post_gets_404_even_with_the_token(start: Start) -> None:
    receiver = start(allowed_ips="192.0.2.0/24")
    headers = {"x-forwarded-for": "192.0.2.7"}
    assert receiver.post(payload(), headers=headers).status_code == 404
    proxied = start(allowed_ips="192.0.2.0/24", trusted_proxies="127.0.0.1/32")
    answer: httpx.Response = proxied.post(payload(), headers=headers)
    assert answer.status_code == 200
