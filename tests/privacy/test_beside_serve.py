"""An erasure while a real receiver takes events of the same person and of others."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from contract.landing import Landing
from privacy.forget import Hands, forget
from privacy.people import People
from privacy.traces import landed
from tests.privacy.conftest import Home, candidate

ROOT = Path(__file__).parents[2]
TOKEN = "token-of-the-tests-0001"
ADMIN = "token-of-the-admin-0001"
PERSONAL = re.compile(r"(ann|bob)-\d|@example\.com|only one who writes")


@pytest.fixture
def url(bare: Home) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HIRING_")}
    environ |= {
        "HIRING_HOME": str(bare.path),
        "HIRING_WEBHOOK_TOKENS": TOKEN,
        "HIRING_ADMIN_TOKEN": ADMIN,
        "HIRING_LOG_LEVEL": "DEBUG",
        "HIRING_SEAL_SECONDS": "0.3",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "hiring", "serve", "--port", str(port)]
    with (bare.path / "serve.log").open("wb") as log:
        server = subprocess.Popen(command, env=environ, cwd=bare.path, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(f"{base}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield base
    server.terminate()
    assert server.wait(30) == 0


def webhook(url: str) -> str:
    return f"{url}/webhooks/occupop/{TOKEN}"


def test_their_events_end_as_stubs_and_no_other_event_is_lost(bare: Home, url: str) -> None:
    stop, answered = threading.Event(), []

    def send() -> None:
        with httpx.Client() as client:
            while not stop.is_set():
                for uuid in ("ann-0001", f"bob-{len(answered):04}"):
                    answer = client.post(webhook(url), content=orjson.dumps(candidate(uuid)))
                    answered.append((uuid, answer.status_code))

    sender = threading.Thread(target=send)
    sender.start()
    while len(answered) < 50:
        time.sleep(0.05)
    erasure = forget(
        bare.settings,
        People.of(["ann-0001"]),
        Hands(bare.seal, bare.quarantine, lambda: None),
    )
    lines_then = [line for _, line in landed(Landing(bare.path))]
    time.sleep(0.5)
    stop.set()
    sender.join()
    while list(Landing(bare.path).journals.glob("*.journal")):
        time.sleep(0.05)
    assert erasure.is_proven, erasure.lines_of_text()
    assert not any(b"ann-0001" in line for line in lines_then)
    lines = [line for _, line in landed(Landing(bare.path))]
    assert {status for _, status in answered} == {200}
    assert len(lines) == len(answered)
    assert not any(b"ann-0001" in line for line in lines)
    stubs = sum(b'"tombstoned":true' in line for line in lines)
    assert stubs == sum(uuid == "ann-0001" for uuid, _ in answered)


def test_neither_metrics_nor_log_name_anyone(bare: Home, url: str) -> None:
    with httpx.Client() as client:
        for body in (orjson.dumps(candidate("ann-0001")), b'{"cut": "bob-0001@example.com'):
            assert client.post(webhook(url), content=body).status_code == 200
            wrong = client.post(f"{url}/webhooks/occupop/wrong-token-00001", content=body)
            assert wrong.status_code == 404
        metrics = client.get(f"{url}/metrics", headers={"authorization": f"Bearer {ADMIN}"})
    assert metrics.status_code == 200
    log = (bare.path / "serve.log").read_text()
    assert len(metrics.text) > 1000
    assert log
    for text in (metrics.text, log):
        assert PERSONAL.search(text) is None
        assert TOKEN not in text
