"""A delivery is known by the head of the one before: it must look the same from outside."""

from __future__ import annotations

import socket
from random import Random

import httptools
import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from receiver.known import remember
from tests.receiver.conftest import TOKEN, Running, Start, payload
from tests.receiver.test_auth import SECRET, signed
from tests.receiver.test_lane import answered, request

HEADERS = {"content-type": "application/json", "user-agent": "Sender/1.0"}


def open_to(receiver: Running) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", receiver.port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def test_deliveries_that_differ_in_length_alone_are_parsed_once(
    receiver: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed, parse = [], HttpToolsProtocol.data_received

    def counted(self: HttpToolsProtocol, data: bytes) -> None:
        parsed.append(data)
        parse(self, data)

    monkeypatch.setattr(HttpToolsProtocol, "data_received", counted)
    bodies = [payload(number, profile="x" * 7 * number) for number in range(20)]
    with open_to(receiver) as connection:
        for body in bodies:
            connection.sendall(request(receiver, body, HEADERS))
            assert answered(connection).json()["status"] == "landed"
    assert len(parsed) == 1
    assert [body for _, body in receiver.stop()] == bodies


def test_another_token_on_the_same_connection_is_judged_by_itself(start: Start) -> None:
    receiver = start(webhook_tokens=f"one={TOKEN},two=another-0123456789")
    body, other = payload(), receiver.path.replace(TOKEN, "another-0123456789")
    wrong = receiver.path.replace(TOKEN, TOKEN[:-1] + "_")
    with open_to(receiver) as connection:
        for path, status in ((receiver.path, 200), (other, 200), (receiver.path, 200)):
            receiver.counts.used.clear()
            connection.sendall(request(receiver, body, HEADERS, path))
            assert answered(connection).status_code == status
            assert list(receiver.counts.used) == ["two" if path == other else "one"]
        connection.sendall(request(receiver, body, HEADERS, wrong))
        assert answered(connection).status_code == 404


def test_a_known_head_does_not_let_a_body_in_that_its_signature_does_not_fit(start: Start) -> None:
    receiver = start(signing_secrets=SECRET)
    body = payload()
    other = body.replace(b"p1@", b"p2@")
    assert len(other) == len(body)
    with open_to(receiver) as connection:
        connection.sendall(request(receiver, body, signed(body)))
        assert answered(connection).status_code == 200
        connection.sendall(request(receiver, other, signed(body)))
        assert answered(connection).status_code == 404


def test_a_body_over_the_cap_is_refused_under_a_known_head(start: Start) -> None:
    receiver = start(max_body_bytes=2048)
    with open_to(receiver) as connection:
        for _ in range(2):
            connection.sendall(request(receiver, payload(), HEADERS))
            assert answered(connection).status_code == 200
        connection.sendall(request(receiver, payload(profile="x" * 3000), HEADERS))
        assert answered(connection).status_code == 413


class Heard:
    """What the parser says of some bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.body, self.whole = b"", b"", 0
        self.headers: dict[bytes, bytes] = {}
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.whole += 1


def test_what_is_known_of_a_delivery_is_what_the_parser_says_of_it() -> None:
    """Of 50,000 requests that are a known one with bytes changed, left out, put in or doubled."""
    random, body = Random(1), payload()
    # Its length stands amid the head.
    head = f"POST /webhooks/occupop/{TOKEN} HTTP/1.1\r\ncontent-length: {len(body)}\r\nhost: a\r\n"
    whole = head.encode() + b"x-forwarded-for: 10.0.0.1\r\n\r\n" + body
    said = Heard(whole)
    known = remember(whole, "one", said.headers, 1000)
    assert known is not None
    taken = 0
    for _ in range(50_000):
        if again := known.read(data := mutated(whole, random)):
            taken += 1
            heard = Heard(data)
            assert (heard.headers, heard.body) == again
            assert (heard.url, heard.whole, heard.parser.should_keep_alive()) == (said.url, 1, True)
            assert heard.parser.get_method() == b"POST"
    assert taken > 1000


def mutated(request: bytes, random: Random) -> bytes:
    head = request.index(b"\r\n\r\n") + 4
    place = random.randrange(head) if random.random() < 0.8 else random.randrange(len(request))
    byte = random.choice([b"\r", b"\n", b"0", b"9", b" ", b":", b"x", b"\x00", b"\xff"])
    kind = random.randrange(5)
    if kind == 0:
        return request[:place] + byte + request[place + 1 :]
    if kind == 1:
        return request[:place] + byte + request[place:]
    if kind == 2:
        return request[:place] + request[place + 1 :]
    if kind == 3:
        return request[:place]
    return request + request[: random.randrange(len(request))]


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n",
    ],
)
def test_a_head_whose_length_is_in_doubt_is_not_remembered(head: bytes) -> None:
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    assert remember(head + b"{}", "one", headers, 1000) is None
