"""A real HTTP server that records what it is sent, and a small company."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import pytest

from contract.envelope import NotUnderstood, understand
from simulator.bodies import PING
from simulator.company import Company, make_company

TOKEN = "invented-token-0123456789"
END = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Recorder(ThreadingHTTPServer):
    """answer(body, times seen before) -> status, or None to hang up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.seen: Counter[bytes] = Counter()
        self.answer: Callable[[bytes, int], int | None] = lambda _body, _before: 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks/occupop/{TOKEN}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart: else 40 ms an answer
    server: Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            before = self.server.seen[body]
            self.server.seen[body] += 1
            self.server.bodies.append(body)
            self.server.paths.append(self.path)
        known = self.path.endswith(TOKEN)
        status = self.server.answer(body, before) if known else 404
        if status is None:
            self.close_connection = True
            return
        content = json.dumps({"status": _word(body)}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Quiet."""


def _word(body: bytes) -> str:
    if body == PING:
        return "ping"
    try:
        understand(body)
    except NotUnderstood:
        return "quarantined"
    return "landed"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def company() -> Company:
    return make_company(candidates=400, seed=7, end=END)
