"""A real receiver on loopback, in a thread; and payloads of invented people."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from contract import envelope
from contract.landing import Landing
from contract.settings import Settings
from receiver import metrics, server
from receiver.app import create_app
from receiver.quarantine import Quarantine

TOKEN = "token-of-the-tests-0001"
ADMIN = "admin-of-the-tests-0001"


def payload(number: int = 1, name: str = "CandidateResource_updated", **data: Any) -> bytes:
    """A well-formed body; `number` tells it from others."""
    kind = name.partition("_")[0]
    body = {
        "meta": {"resource_type": kind, "event_name": name},
        "data": {"uuid": f"uuid-{number}", "email": f"p{number}@example.com", **data},
    }
    return orjson.dumps(body)


def landed(home: Path) -> list[tuple[dict[str, Any], bytes]]:
    """Envelope and body of every sealed line, in order of landing."""
    landing = Landing(home)
    lines = [
        envelope.split(line)
        for entry in landing.entries({})
        for file in entry.files
        for line in (landing.root / file.path).read_bytes().splitlines(keepends=True)
    ]
    return sorted(lines, key=lambda line: line[0]["landed_at"])


@contextmanager
def filling_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that takes three bytes more, then none: a short write, then ENOSPC."""
    write, sizes = os.write, iter([3])

    def filling(descriptor: int, data: bytes) -> int:
        for size in sizes:
            return write(descriptor, data[:size])
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as full:
        full.setattr(os, "write", filling)
        yield


@dataclass
class Running:
    """A receiver that takes requests until `stop`."""

    settings: Settings
    server: server.Server
    port: int
    thread: threading.Thread
    token: str = TOKEN
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def path(self) -> str:
        return f"/webhooks/occupop/{self.token}"

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.settings)

    @property
    def counts(self) -> metrics.Counts:
        """Those of the running worker, also after it stopped."""
        return self.server.limits.counts

    def forget_probe(self) -> None:
        """So that the next /readyz asks the disk, and not its memory of two seconds ago."""
        assert self.server.app.worker is not None
        self.server.app.worker.readiness.forget()

    @property
    def took(self) -> tuple[int, int]:
        """Events on disk and bodies in quarantine, so far."""
        return sum(self.counts.landed.values()), self.quarantine.count()

    def all_counts(self) -> list[metrics.Counts]:
        return metrics.read_all(self.settings.state)

    def post(self, content: Any, **options: Any) -> httpx.Response:
        return self.client.post(self.path, content=content, **options)

    def admin(self, path: str) -> httpx.Response:
        return self.client.get(path, headers={"authorization": f"Bearer {ADMIN}"})

    def stop(self) -> list[tuple[dict[str, Any], bytes]]:
        """Stop cleanly; everything that was sealed."""
        self.client.close()
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()
        return landed(self.home)


Start = Callable[..., Running]


def begin(*, insecure: bool = False, **options: Any) -> Running:
    """A receiver with these settings that serves from a thread."""
    settings = Settings(**{"webhook_tokens": f"test={TOKEN}", "admin_token": ADMIN, **options})
    listener = server.listen("127.0.0.1", 0)
    ready = threading.Event()
    app = create_app(settings, insecure_no_auth=insecure)
    made = server.Server(settings, app, ready.set)
    thread = threading.Thread(target=made.run, args=([listener],), daemon=True)
    thread.start()
    assert ready.wait(30)
    return Running(settings, made, listener.getsockname()[1], thread)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """start(**settings) -> a receiver that serves; all are stopped after the test."""
    running: list[Running] = []

    def started(**options: Any) -> Running:
        running.append(begin(**{"home": tmp_path / "home", **options}))
        return running[-1]

    yield started
    for one in running:
        if one.thread.is_alive():
            one.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A receiver for the many cases of a table: it is not stopped in between.

    Bodies may have 8192 bytes. Look at `took` for what a case changed.
    """
    running = begin(home=tmp_path_factory.mktemp("shared") / "home", max_body_bytes=8192)
    yield running
    running.stop()


@pytest.fixture
def receiver(start: Start) -> Running:
    return start()


def eventually(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of `check`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := check()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return value
