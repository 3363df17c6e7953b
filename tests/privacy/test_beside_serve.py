"""An erasure while a real receiver takes events of the same person and of others."""

from __future__ import annotations

import os
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


@pytest.fixture
def url(bare: Home) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HIRING_")}
    environ |= {
        "HIRING_HOME": str(bare.path),
        "HIRING_WEBHOOK_TOKENS": TOKEN,
        "HIRING_SEAL_SECONDS": "0.3",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "hiring", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, env=environ, cwd=bare.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(f"{base}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield f"{base}/webhooks/occupop/{TOKEN}"
    server.terminate()
    assert server.wait(30) == 0


def test_their_events_end_as_stubs_and_no_other_event_is_lost(bare: Home, url: str) -> None:
    stop, answered = threading.Event(), []

    def send() -> None:
        with httpx.Client() as client:
            while not stop.is_set():
                for uuid in ("ann-0001", f"bob-{len(answered):04}"):
                    answer = client.post(url, content=orjson.dumps(candidate(uuid)))
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
