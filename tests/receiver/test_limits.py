"""Slow, endless and too many: answered, ended, and without memory of ours."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import ExitStack, suppress
from typing import Any, cast

import pytest

from receiver import protocol
from receiver.protocol import LimitedProtocol
from tests.receiver.conftest import Running, Start, eventually, payload

POST = "POST {path} HTTP/1.1\r\nhost: localhost\r\n"


def talk(receiver: Running, data: bytes, seconds: float = 30.0) -> bytes:
    """Send and read until the receiver hangs up, or for `seconds`."""
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def head(receiver: Running, *headers: str) -> bytes:
    return (POST.format(path=receiver.path) + "".join(f"{h}\r\n" for h in headers)).encode()


def test_a_head_that_does_not_end_is_408(start: Start) -> None:
    receiver = start(header_seconds=0.3)
    assert talk(receiver, head(receiver)).startswith(b"HTTP/1.1 408 ")
    assert talk(receiver, b"").startswith(b"HTTP/1.1 408 ")


def test_a_body_that_does_not_come_is_408(start: Start) -> None:
    receiver = start(body_seconds=0.3)
    answer = talk(receiver, head(receiver, "content-length: 100") + b"\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert receiver.stop() == []


def test_an_idle_connection_after_an_answer_is_not_a_slow_head(start: Start) -> None:
    receiver = start(header_seconds=0.3)
    receiver.post(payload(1))
    time.sleep(1)
    receiver.post(payload(2))
    assert receiver.server.server_state.total_requests == 2
    assert len(receiver.server.server_state.connections) == 1


@pytest.mark.parametrize(
    "flood",
    [
        b"".join(b"x-%d: %b\r\n" % (n, b"y" * 1000) for n in range(64)),
        b"x-endless: " + b"y" * 70_000,
    ],
)
def test_a_flood_of_headers_is_431(receiver: Running, flood: bytes) -> None:
    assert talk(receiver, head(receiver) + flood).startswith(b"HTTP/1.1 431 ")
    receiver.stop()
    assert receiver.counts.refused["headers"] == 1


def test_trailers_count_as_headers(receiver: Running) -> None:
    trailers = b"".join(b"x-%d: %b\r\n" % (n, b"y" * 1000) for n in range(64))
    sent = head(receiver, "transfer-encoding: chunked") + b"\r\n0\r\n" + trailers
    assert b"HTTP/1.1 431 " in talk(receiver, sent)


def test_an_endless_chunked_body_is_413(start: Start) -> None:
    receiver = start(max_body_bytes=4096)
    chunk = b"1000\r\n" + b"z" * 4096 + b"\r\n"
    sent = head(receiver, "transfer-encoding: chunked") + b"\r\n" + chunk * 20
    assert talk(receiver, sent).startswith(b"HTTP/1.1 413 ")


def test_what_is_not_http_is_refused(receiver: Running) -> None:
    assert talk(receiver, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert receiver.post(payload()).status_code == 200


def test_too_many_bytes_at_once_are_503_and_the_next_is_taken(start: Start) -> None:
    receiver = start(max_inflight_bytes=1024)
    answer = receiver.post(payload(profile="x" * 2000))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert receiver.post(payload()).status_code == 200


def test_a_slow_sender_makes_room_when_the_house_is_full(start: Start) -> None:
    receiver = start(max_connections=3)
    slow = [socket.create_connection(("127.0.0.1", receiver.port)) for _ in range(3)]
    for connection in slow:
        connection.sendall(head(receiver))
        connection.settimeout(0.2)
    eventually(lambda: len(receiver.server.server_state.connections) == 3)
    time.sleep(0.3)  # who has just come was not read yet
    assert receiver.post(payload()).status_code == 200
    answers = []
    for connection in slow:
        with suppress(TimeoutError), connection:
            answers.append(connection.recv(13))
    assert answers == [b"HTTP/1.1 408 "]


def test_an_idle_connection_makes_room_when_the_house_is_full(start: Start) -> None:
    receiver = start(max_connections=2)
    idle = [socket.create_connection(("127.0.0.1", receiver.port), timeout=30) for _ in range(2)]
    for connection in idle:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert receiver.post(payload()).status_code == 200
    for connection in idle:
        connection.close()


def test_who_has_just_come_does_not_go_for_the_next(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a crowd that is let in at once each would turn out the one before, good senders too."""
    for limit in ("_HEAD_SECONDS", "_SLOW_SECONDS"):  # whatever the machine is busy with
        monkeypatch.setattr(protocol, limit, 1000.0)
    receiver = start(max_connections=8)
    with ExitStack() as crowd:

        def come() -> socket.socket:
            address = ("127.0.0.1", receiver.port)
            return crowd.enter_context(socket.create_connection(address, timeout=30))

        for _ in range(8):
            come().sendall(head(receiver, "content-length: 5000") + b"\r\n{")
        eventually(lambda: len(receiver.server.server_state.tasks) == 8)
        good, next_ = come(), come()
        assert next_.recv(13) == b"HTTP/1.1 503 "
        good.sendall(head(receiver, "content-length: 13") + b'\r\n{"test":true}')
        assert good.recv(13) == b"HTTP/1.1 200 "


def test_a_crowd_does_not_have_the_house_looked_through_for_each(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, slowest = [], LimitedProtocol._slowest

    def counted(newcomer: LimitedProtocol, now: float) -> Any:
        looks.append(now)
        return slowest(newcomer, now)

    monkeypatch.setattr(LimitedProtocol, "_slowest", counted)
    receiver = start(max_connections=40)
    with ExitStack() as crowd:
        for number in range(70):
            if number == 40:
                eventually(lambda: len(receiver.server.server_state.connections) == 40)
                time.sleep(0.3)  # now they are slow
            address = ("127.0.0.1", receiver.port)
            crowd.enter_context(socket.create_connection(address, timeout=30))
        eventually(lambda: receiver.counts.refused["too_slow"] == 30)
    assert len(looks) == 1


def test_who_does_not_read_the_answers_is_cut_off(start: Start) -> None:
    receiver = start(body_seconds=0.5)
    ask = head(receiver, "content-length: 2") + b"\r\n{}"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", receiver.port))
        connection.settimeout(3)
        with suppress(ConnectionError, TimeoutError):
            while not connection.sendall(ask.replace(b"POST", b"GET") * 50):
                pass
        eventually(lambda: not receiver.server.server_state.connections)
    assert receiver.post(payload()).status_code == 200


def test_when_all_are_busy_one_more_is_503_at_once(start: Start) -> None:
    receiver = start(max_connections=2)
    busy = [socket.create_connection(("127.0.0.1", receiver.port)) for _ in range(2)]
    for connection in busy:
        connection.sendall(head(receiver, "content-length: 5000") + b"\r\n{")
    state = receiver.server.server_state
    eventually(lambda: len(state.tasks) == 2)
    answer = receiver.post(payload())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    for connection in busy:
        connection.close()


def test_a_sender_that_leaves_in_the_middle_lands_nothing(receiver: Running) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port)) as connection:
        connection.sendall(head(receiver, "content-length: 5000") + b'\r\n{"meta":')
    eventually(lambda: receiver.counts.unanswered == 1)
    assert receiver.stop() == []


def test_a_sender_that_leaves_before_the_answer_does_not_stop_the_flush(receiver: Running) -> None:
    for number in range(20):
        body = payload(number)
        with socket.create_connection(("127.0.0.1", receiver.port)) as connection:
            connection.sendall(head(receiver, f"content-length: {len(body)}") + b"\r\n" + body)
    eventually(lambda: sum(receiver.counts.landed.values()) == 20)
    assert len(receiver.stop()) == 20


def test_pipelined_requests_are_all_answered_in_order(receiver: Running) -> None:
    bodies = [payload(number) for number in range(30)]
    requests = [head(receiver, f"content-length: {len(body)}") + b"\r\n" + body for body in bodies]
    last = head(receiver, "connection: close", "content-length: 2") + b"\r\n{}"
    answer = talk(receiver, b"".join(requests) + last)
    assert answer.count(b"HTTP/1.1 200 ") == 31
    assert [body for _, body in receiver.stop()] == bodies


def test_a_delivery_on_its_way_to_a_receiver_that_stops_is_answered(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_LEAVING_SECONDS", 30.0)
    receiver = start()
    body = payload()
    request = head(receiver, f"content-length: {len(body)}") + b"\r\n" + body
    address = ("127.0.0.1", receiver.port)
    with socket.create_connection(address) as fresh, socket.create_connection(address) as kept:
        kept.sendall(request)
        assert kept.recv(65536).startswith(b"HTTP/1.1 200 ")
        connections = receiver.server.server_state.connections
        eventually(lambda: len(connections) == 2)
        receiver.server.should_exit = True
        eventually(lambda: all(cast("LimitedProtocol", one).leaving for one in connections))
        for connection in (fresh, kept):
            connection.sendall(request)
            answer = b"".join(iter(lambda connection=connection: connection.recv(65536), b""))
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in answer.lower()
    assert len(receiver.stop()) == 3


def test_who_asks_for_nothing_does_not_hold_up_a_stop(receiver: Running) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port)):
        receiver.post(payload())
        start = time.monotonic()
        receiver.server.should_exit = True
        receiver.thread.join(60)
    assert time.monotonic() - start < 10
    assert len(receiver.stop()) == 1


def test_expect_100_continue_is_honoured(receiver: Running) -> None:
    body = payload()
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        headers = ("expect: 100-continue", f"content-length: {len(body)}")
        connection.sendall(head(receiver, *headers) + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_crowd_at_the_door_is_let_in_several_a_turn(receiver: Running) -> None:
    """Each turn of a busy loop takes long, and a good sender may stand behind two thousand."""
    assert receiver.server.app.worker is not None
    loop = receiver.server.app.worker.commit._loop
    inside = receiver.server.server_state.connections

    async def turns() -> int:
        with ExitStack() as crowd:
            for _ in range(64):  # none is let in before this ends its turn
                address = ("127.0.0.1", receiver.port)
                crowd.enter_context(socket.create_connection(address, timeout=30))
            count = 0
            while len(inside) < 64:
                await asyncio.sleep(0)
                count += 1
            return count

    assert asyncio.run_coroutine_threadsafe(turns(), loop).result(60) < 20
    receiver.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", receiver.port), timeout=30)


def test_of_a_body_that_is_still_coming_one_copy_is_kept(receiver: Running) -> None:
    """Thousands who send at once each have one."""
    part = b"z" * 4000
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
        connection.sendall(head(receiver, "content-length: 9000") + b"\r\n" + part)
        [inside] = eventually(lambda: list(receiver.server.server_state.connections))
        eventually(lambda: inside.cycle is not None)
        assert inside._body == b""
        connection.sendall(part + b"z" * 1000)
        assert b"quarantined" in connection.recv(65536)
