"""A home on disk as the other rooms leave it: landed by the contract, published by DuckDB."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contract import envelope, formats
from contract.landing import Entry, Landing
from contract.settings import Settings

NOW = datetime.now(UTC).replace(microsecond=0)
CREATED, UPDATED = "CandidateResource_created", "CandidateResource_updated"
_FRESHNESS = """
create table freshness as select
    $as_of::timestamptz as as_of, $first::timestamptz as first_landed_at,
    $events::bigint as events_loaded, $states::bigint as candidate_states,
    0::bigint as job_states, 0::bigint as other_events, $events - $states as repeats,
    $format::bigint as format
"""
_QUALITY = (
    "create table data_quality (check_name varchar, level varchar, subject varchar, n bigint)"
)
_APPLICATIONS = """
create table applications (
    candidate_uuid varchar, job_uuid varchar, applied_at timestamptz,
    first_seen_at timestamptz, is_left_truncated boolean, outcome varchar
)
"""


@dataclass
class Home:
    """HIRING_HOME, filled piece by piece."""

    settings: Settings
    seq: int = 0

    @property
    def path(self) -> Path:
        return self.settings.home

    @property
    def landing(self) -> Landing:
        return Landing(self.path)

    def land(self, *times: datetime, event: str = CREATED, slot: str = "w0") -> Entry:
        """Seal one batch with an event at each time."""
        body = json.dumps({"meta": {"event_name": event}, "data": {"uuid": "c"}}).encode()
        lines: dict[str, list[bytes]] = {}
        for number, at in enumerate(times):
            line = envelope.line(
                body,
                envelope.understand(body),
                event_id=f"{self.seq}-{number}",
                landed_at=at,
                source="import" if slot == "land" else "webhook",
            )
            lines.setdefault(f"{at:%Y-%m-%d}", []).append(line)
        self.seq += 1
        files = tuple(
            self.landing.write_segment(self.landing.segment(event, day, slot, self.seq), of_day)
            for day, of_day in lines.items()
        )
        entry = Entry(slot, self.seq, files)
        self.landing.commit(entry)
        return entry

    def publish(
        self,
        events: int,
        states: int | None = None,
        quality: list[tuple[str, str, int]] = (),  # type: ignore[assignment]
        applications: list[tuple[Any, ...]] = (),  # type: ignore[assignment]
        first: datetime = NOW - timedelta(days=100),
        format: int = formats.PUBLISHED,  # noqa: A002  as the column
    ) -> None:
        """Publish a file that says that so many events are loaded."""
        self.settings.published.unlink(missing_ok=True)
        known = {"as_of": NOW - timedelta(seconds=30), "first": first, "format": format}
        with duckdb.connect(str(self.settings.published)) as connection:
            connection.execute(
                _FRESHNESS,
                known | {"events": events, "states": events if states is None else states},
            )
            connection.execute(_QUALITY)
            connection.execute(_APPLICATIONS)
            for check, subject, n in quality:
                connection.execute(
                    "insert into data_quality values (?, 'warning', ?, ?)", [check, subject, n]
                )
            for row in applications:
                connection.execute("insert into applications values (?, ?, ?, ?, ?, ?)", list(row))

    def note(self, name: str, **facts: Any) -> Path:
        """Write a note under state/, as another room would."""
        path = self.settings.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts, default=str))
        return path

    def ran(self, at: datetime = NOW - timedelta(seconds=10), **facts: Any) -> None:
        """A good run that ended at `at`."""
        path = self.note(
            "last_run.json",
            **{"started_at": at - timedelta(seconds=2), "seconds": {"load": 1.5, "build": 0.5}}
            | {"events": 1, "rows": {"jobs": 3}}
            | facts,
        )
        later = datetime.now(UTC).timestamp() + 1
        os.utime(path, (later, later))

    def settled(self, events: int = 3) -> None:
        """So many events landed, loaded and published just now."""
        self.land(*[NOW - timedelta(minutes=n) for n in range(events)])
        self.publish(events)
        self.ran()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir(mode=0o711)
    return Home(Settings(home=tmp_path / "home", free_bytes=0))


@pytest.fixture
def changed(home: Home) -> Callable[..., Settings]:
    """The home's settings with some of them changed."""
    return lambda **options: home.settings.model_copy(update=options)
