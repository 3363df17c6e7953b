"""A delivery that comes in one piece takes a shorter way: it must look the same from outside."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from contract.settings import Settings
from receiver.app import create_app
from receiver.auth import Door
from tests.receiver.conftest import TOKEN, Running, Start, eventually, payload
from tests.receiver.test_auth import SECRET, signed

PIECES = {"whole": 1, "in two pieces": 2}
Headers = Mapping[str, str]


def request(receiver: Running, body: bytes, headers: Headers, path: str = "") -> bytes:
    lines = [f"POST {path or receiver.path} HTTP/1.1", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def post(
    receiver: Running, body: bytes, pieces: int, headers: Headers | None = None, path: str = ""
) -> httpx.Response:
    """One delivery on a connection of its own, its bytes in one write or in two."""
    sent = request(receiver, body, headers or {}, path)
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        half = len(sent) - len(body) // 2 if pieces == 2 else len(sent)
        connection.sendall(sent[:half])
        if sent[half:]:
            read_once(receiver, connection)
            connection.sendall(sent[half:])
        return answered(connection)


def read_once(receiver: Running, connection: socket.socket) -> None:
    """Until the first piece was read (or answered): the next one is a read of its own."""
    tasks = receiver.server.server_state.tasks
    eventually(lambda: tasks or select.select([connection], [], [], 0)[0])


def answered(connection: socket.socket) -> httpx.Response:
    """The next answer on a connection."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(1)
    lines = text.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    body, size = b"", int(headers["content-length"])
    while len(body) < size:  # and not more: the next answer may already be there
        body += connection.recv(size - len(body))
    return httpx.Response(int(lines[0].split()[1]), headers=headers, content=body)


def test_a_whole_delivery_needs_no_asgi_and_a_piecemeal_one_does(receiver: Running) -> None:
    worker = receiver.server.app.worker
    assert worker is not None
    calls = []
    hook = worker.hook

    async def counted(*arguments: Any) -> None:
        calls.append(1)
        await hook(*arguments)

    worker.hook = counted  # type: ignore[assignment]
    assert post(receiver, payload(1), 1).json()["status"] == "landed"
    assert calls == []
    assert post(receiver, payload(2), 2).json()["status"] == "landed"
    assert calls == [1]
    assert [body for _, body in receiver.stop()] == [payload(1), payload(2)]


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize(
    ("body", "headers", "status", "answer"),
    [
        (payload(), {}, 200, "landed"),
        (b"not understood", {}, 200, "quarantined"),
        (b'{"test":true}', {}, 200, "ping"),
        (payload(profile="x" * 9000), {}, 413, None),
        (payload(), {"content-encoding": "gzip"}, 415, None),
        (payload(), {"content-encoding": "identity"}, 200, "landed"),
        (payload(), {"connection": "close"}, 200, "landed"),
        (payload(), {"expect": "200-ok"}, 200, "landed"),
    ],
)
def test_both_ways_answer_alike(
    shared: Running, body: bytes, headers: Headers, status: int, answer: str | None, pieces: int
) -> None:
    landed, kept = shared.took
    response = post(shared, body, pieces, headers)
    assert response.status_code == status
    assert response.json().get("status") == answer
    assert response.headers["content-type"] == "application/json"
    assert shared.took == (landed + (answer == "landed"), kept + (answer == "quarantined"))


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_both_ways_keep_strangers_out(start: Start, pieces: int) -> None:
    receiver = start(signing_secrets=SECRET)
    body, good = payload(), signed(payload())
    stranger = post(receiver, body, pieces, good, "/webhooks/occupop/wrong-0123456789")
    assert stranger.status_code == 404
    assert post(receiver, body, pieces).status_code == 404
    assert post(receiver, body + b" ", pieces, good).status_code == 404
    first, again = (post(receiver, body, pieces, good) for _ in range(2))
    assert (first.status_code, again.json()) == (200, first.json())
    assert len(receiver.stop()) == 1
    assert (receiver.counts.refused["signature"], receiver.counts.replays) == (2, 1)


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_both_ways_count_bytes_in_flight_and_give_them_back(start: Start, pieces: int) -> None:
    receiver = start(max_inflight_bytes=1024)
    for _ in range(3):
        response = post(receiver, payload(profile="x" * 2000), pieces)
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        assert response.headers["connection"] == "close"
        assert post(receiver, payload(profile="x" * 600), pieces).status_code == 200


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_both_ways_tell_of_an_error_of_ours_by_its_class(
    start: Start, pieces: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> bool:
        raise RuntimeError("p1@example.com")

    receiver = start(signing_secrets=SECRET)
    monkeypatch.setattr(Door, "signed", broken)
    response = post(receiver, payload(), pieces)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    receiver.stop()
    assert "RuntimeError" in (output := capsys.readouterr().out)
    assert "example.com" not in output


def test_deliveries_of_one_connection_are_answered_in_order(receiver: Running) -> None:
    """Those that come while one is being written wait for it, whichever way they take."""
    bodies = [payload(number) for number in range(9)]
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        for some in (bodies[:1], bodies[1:2], bodies[2:6], bodies[6:]):
            connection.sendall(b"".join(request(receiver, body, {}) for body in some))
            if len(some) == 1:
                ids = [answered(connection).json()["event_id"]]
        connection.sendall(request(receiver, b"{}", {"connection": "close"}))
        ids += [answered(connection).json()["event_id"] for _ in bodies[2:]]
        assert answered(connection).json()["status"] == "quarantined"
    landed = {head["event_id"]: body for head, body in receiver.stop()}
    assert [landed[event_id] for event_id in ids] == bodies[1:]


def test_an_answer_during_the_stop_ends_its_connection(receiver: Running) -> None:
    worker = receiver.server.app.worker
    assert worker is not None
    journal = worker.commit.journal
    sync, stopping = journal._sync, receiver.server

    def slow(descriptor: int) -> None:
        stopping.should_exit = True
        eventually(lambda: stopping.limits.intake is None)
        sync(descriptor)

    journal._sync = slow
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(request(receiver, payload(), {}))
        answer = answered(connection)
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert connection.recv(1) == b""
    assert len(receiver.stop()) == 1


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_a_connection_that_idles_is_closed(receiver: Running, pieces: int) -> None:
    receiver.server.limits.timeout_keep_alive = 0
    sent = request(receiver, payload(), {})
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(sent[:-5] if pieces == 2 else sent)
        if pieces == 2:
            read_once(receiver, connection)
            connection.sendall(sent[-5:])
        assert orjson.loads(answered(connection).content)["status"] == "landed"
        assert connection.recv(1) == b""


def test_without_a_worker_a_delivery_is_503_and_not_a_wrong_address(tmp_path: Path) -> None:
    """So that a sender tries again: the worker is gone at the very end of a stop."""
    app = create_app(Settings(home=tmp_path, webhook_tokens=TOKEN))

    async def deliver() -> httpx.Response:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.post(f"/webhooks/occupop/{TOKEN}", content=payload())

    answer = asyncio.run(deliver())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
