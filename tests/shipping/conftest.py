"""Homes that ship to a real S3-compatible server on loopback, each zone under its own prefix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

import stages
from benchmarks.campaign.objects import Gate, ObjectServer
from contract import envelope
from contract.landing import Entry
from contract.mirror import Mirror
from contract.settings import Settings
from privacy.traces import landed
from receiver.land import land
from shipping.exchange import Exchange
from shipping.store import Store


@dataclass
class Home:
    """A home of its own on a zone that others may share."""

    settings: Settings

    @property
    def path(self) -> Path:
        return self.settings.home

    @property
    def mirror(self) -> Mirror:
        assert isinstance(self.settings.zone, Mirror)
        return self.settings.zone

    @property
    def store(self) -> Store:
        return Store(self.settings)

    @property
    def exchange(self) -> Exchange:
        made: Exchange = stages.exchange(self.settings)
        return made

    def land(self, *uuids: str, **data: Any) -> None:
        """Seal one batch with an event of each candidate."""
        lines = [orjson.dumps(candidate(uuid, **data)) for uuid in uuids]
        file = self.path / "export.jsonl"
        file.write_bytes(b"\n".join(lines) + b"\n")
        land(self.settings, [file])
        file.unlink()

    def gather(self) -> None:
        self.exchange.gather(lambda _: None)

    def read(self) -> list[str]:
        """The candidates whose events stand in the mirror, in order."""
        bodies = (envelope.split(line)[1] for _, line in landed(self.mirror))
        return sorted(orjson.loads(body)["data"].get("uuid", "") for body in bodies)

    def sealed(self) -> list[Entry]:
        outbox = self.settings.outbox
        return [entry for slot in outbox.slots() for entry in outbox.all_entries(slot)]

    def files(self) -> list[str]:
        """Segments that lie in the outbox."""
        return [path.name for path in self.settings.landing.glob("event_name=*/*/*")]


def candidate(uuid: str, **data: Any) -> dict[str, Any]:
    name = "CandidateResource_created"
    standard = {"uuid": uuid, "job_uuid": "job-1", "email": f"{uuid}@example.com"}
    meta = {"resource_type": "CandidateResource", "event_name": name}
    return {"meta": meta, "data": standard | data}


@pytest.fixture(scope="session")
def server() -> Iterator[ObjectServer]:
    with ObjectServer() as running:
        yield running


@pytest.fixture
def gate(server: ObjectServer) -> Iterator[Gate]:
    """The way to the store; open again afterwards."""
    gate = server.gate
    yield gate
    gate.damages, gate.cut_after = False, None
    gate.shut()
    gate.open()


@dataclass
class Zone:
    """A landing zone in the store, and the homes that share it."""

    folder: Path
    given: dict[str, str]

    def home(self, name: str, **more: Any) -> Home:
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return Home(Settings.model_validate({"home": path, **self.given, **more}))


@pytest.fixture
def zone(server: ObjectServer, gate: Gate, tmp_path: Path) -> Zone:
    return Zone(tmp_path, server.settings(f"zone-{uuid4().hex[:8]}"))


@pytest.fixture
def home(zone: Zone) -> Home:
    return zone.home("home")
