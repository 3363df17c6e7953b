"""A landing zone on disk, written as the contract says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from contract import envelope
from contract.landing import Entry, Landing
from contract.settings import Settings

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@dataclass
class Zone:
    """Lands bodies in slot w0, a manifest entry a call."""

    home: Path
    clock: datetime = START
    sealed: dict[str, int] = field(default_factory=dict)
    compact_days: int = 7

    @property
    def landing(self) -> Landing:
        return Landing(self.home)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, compact_days=self.compact_days)

    def land(self, *bodies: bytes | Mapping[str, Any], slot: str = "w0", **head: Any) -> Entry:
        """Seal bodies (bytes, or the payload of an event) as one entry."""
        lines: dict[str, list[bytes]] = {}
        for body in bodies:
            self.clock += timedelta(seconds=1)
            sent = body if isinstance(body, bytes) else orjson.dumps(body)
            event = envelope.understand(sent)
            line = envelope.line(
                sent,
                event,
                event_id=head.get("event_id") or str(uuid.uuid4()),
                landed_at=head.get("landed_at") or self.clock,
                source="import" if slot.startswith("land") else "webhook",
                as_of=head.get("as_of"),
            )
            lines.setdefault(event.event_name, []).append(line)
        return self.seal(lines, slot)

    def seal(self, lines: Mapping[str, list[bytes]], slot: str = "w0") -> Entry:
        seq = self.sealed[slot] = self.sealed.get(slot, 0) + 1
        files = tuple(
            self.landing.write_segment(
                self.landing.segment(name, "2026-11-01", slot, seq), name_lines
            )
            for name, name_lines in lines.items()
        )
        entry = Entry(slot, seq, files)
        self.landing.commit(entry)
        return entry

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.sql(sql).fetchall()


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def candidate(event: str = "CandidateResource_updated", **data: Any) -> dict[str, Any]:
    resource_type = event.split("_")[0]
    return {"meta": {"resource_type": resource_type, "event_name": event}, "data": data}


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """An event by name, its data given by keyword."""
    return candidate
