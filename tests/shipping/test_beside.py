"""`hiring serve` with an object store that goes away while events arrive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from benchmarks.campaign.objects import Gate
from benchmarks.campaign.serving import free_port
from tests.shipping.conftest import Home, Zone, candidate

ROOT = Path(__file__).parents[2]
TOKEN, ADMIN = "token-of-the-tests-1", "admin-of-the-tests-1"


@dataclass
class Serving:
    home: Home
    process: subprocess.Popen[bytes]
    client: httpx.Client

    def post(self, uuid: str) -> None:
        answer = self.client.post(
            f"/webhooks/occupop/{TOKEN}", content=orjson.dumps(candidate(uuid))
        )
        assert answer.status_code == 200

    def admin(self, path: str) -> httpx.Response:
        return self.client.get(path, headers={"authorization": f"Bearer {ADMIN}"})

    @property
    def shipping(self) -> dict[str, Any]:
        found: dict[str, Any] = self.admin("/readyz").json()["shipping"]
        return found

    def shippers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = [pid for path in (children, *tasks) for pid in path.read_text().split()]
        return sorted({int(pid) for pid in pids if b"spawn_main" in _command(int(pid))})


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def eventually(check: Callable[[], bool], seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.05)


@pytest.fixture
def serving(zone: Zone) -> Iterator[Serving]:
    home = zone.home("home", seal_seconds=0.1)
    variables = {f"HIRING_{name.upper()}": value for name, value in zone.given.items()}
    more = {"HOME": str(home.path), "WEBHOOK_TOKENS": TOKEN, "ADMIN_TOKEN": ADMIN}
    variables |= {f"HIRING_{name}": value for name, value in more.items()}
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "hiring", "serve", "--port", str(port)],
        env={**os.environ, **variables, "HIRING_SEAL_SECONDS": "0.1"},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield Serving(home, process, client)
    process.kill()
    process.wait()


def _answers(serving: Serving) -> bool:
    try:
        return serving.client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_events_are_taken_while_the_store_is_away_and_shipped_when_it_is_back(
    serving: Serving, gate: Gate
) -> None:
    eventually(lambda: _answers(serving))
    serving.post("ann")
    eventually(lambda: serving.shipping["batches"] == 1)

    gate.shut()
    serving.post("bob")
    eventually(lambda: serving.shipping["failing_since"] > 0)
    serving.post("eve")
    eventually(lambda: serving.shipping["waiting_batches"] == 2)
    assert serving.client.get("/readyz").json() == {"status": "ready"}
    metrics = serving.admin("/metrics").text
    assert "hiring_shipping_waiting_batches 2.0" in metrics
    assert "hiring_shipping_failing 1.0" in metrics
    assert 'hiring_shipping_failures_total{error="GenericError"}' in metrics

    (shipper,) = serving.shippers()
    os.kill(shipper, signal.SIGKILL)
    gate.open()
    eventually(lambda: serving.shipping["waiting_batches"] == 0)
    assert serving.shippers() != [shipper]

    serving.post("zoe")  # shipped at the end, though it is sealed by the stop
    serving.process.terminate()
    assert serving.process.wait(30) == 0
    assert serving.home.files() == []
    serving.home.gather()
    assert serving.home.read() == ["ann", "bob", "eve", "zoe"]


def test_the_shipper_ends_with_a_receiver_that_is_killed(serving: Serving) -> None:
    eventually(lambda: _answers(serving) and bool(serving.shippers()))
    (shipper,) = serving.shippers()
    serving.process.kill()
    serving.process.wait()
    eventually(lambda: not _command(shipper))
