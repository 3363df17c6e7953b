"""Missed deliveries: creations are dropped from a simulated year, and found through files alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from contract import envelope
from contract.settings import Settings
from operations.missed import missed
from operations.published import NotReadable
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines
from stages import run_sync

CREATED = "CandidateResource_created"
DROPPED = 0.08
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Year:
    """dropped: candidates whose creation was lost. told: those of whom something else came."""

    dropped: set[str]
    told: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)  # no creation was ever sent

    @property
    def undetectable(self) -> set[str]:
        return self.dropped - self.told


@pytest.fixture(scope="module")
def year(tmp_path_factory) -> tuple[Settings, Year]:
    """A company's year landed without some of its creations, loaded and published."""
    folder = tmp_path_factory.mktemp("year")
    write_lines(make_company(candidates=600, seed=1, end=NOW), folder / "sent.jsonl", 1)
    bodies = (folder / "sent.jsonl").read_bytes().splitlines()
    year = lose(bodies, folder / "landed.jsonl", random.Random(7))
    settings = Settings(home=folder)
    land(settings, [folder / "landed.jsonl"])
    run_sync(settings, lambda _: None)
    return settings, year


def lose(bodies: list[bytes], path: Path, rng: random.Random) -> Year:
    """Write landed lines, each landed when the latest state so far came to be."""
    events = [orjson.loads(body) for body in bodies]
    created = sorted({uuid_of(e) for e in events if e["meta"]["event_name"] == CREATED} - {""})
    year = Year({uuid for uuid in created if rng.random() < DROPPED})
    clock = datetime(2000, 1, 1, tzinfo=UTC)
    lines = []
    for number, (body, event) in enumerate(zip(bodies, events, strict=True)):
        clock = max(clock, time_of(event) or clock) + timedelta(microseconds=1)
        uuid = uuid_of(event)
        if event["meta"]["event_name"] == CREATED:
            if uuid in year.dropped:
                continue
        elif uuid in year.dropped:
            year.told.add(uuid)
        elif event["meta"]["resource_type"] == "CandidateResource" and uuid not in created:
            year.late.add(uuid)
        known = envelope.understand(body)
        lines.append(envelope.line(body, known, event_id=f"id-{number}", landed_at=clock))
    path.write_bytes(b"".join(lines))
    return year


def uuid_of(event) -> str:
    return (event["data"].get("uuid") or "").lower()


def time_of(event) -> datetime | None:
    try:
        at = datetime.fromisoformat(event["data"].get("updated_at") or "")
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if at <= NOW else None


def test_lost_creations_are_found_and_genuine_late_starters_are_not(year):
    settings, truth = year
    found = {one.candidate_uuid for one in missed(settings).candidates}
    assert len(truth.dropped) >= 30
    assert len(truth.late) >= 10
    hits = found & truth.told
    recall, precision = len(hits) / len(truth.told), len(hits) / len(found)
    print(
        f"\ndropped {len(truth.dropped)}, told {len(truth.told)}, found {len(found)},"
        f" late starters {len(truth.late)}: recall {recall:.3f}, precision {precision:.3f},"
        f" undetectable {len(truth.undetectable) / len(truth.dropped):.3f}"
    )
    assert recall >= 0.9
    assert precision >= 0.9
    assert not found & truth.undetectable


def test_they_are_one_concern_that_holds_no_id(year):
    settings, _ = year
    found = missed(settings)
    (concern,) = found.concerns()
    assert str(len(found.candidates)) in concern.text
    assert not any(one.candidate_uuid in concern.text for one in found.candidates)


def test_without_a_published_file_it_says_so(tmp_path):
    with pytest.raises(NotReadable):
        missed(Settings(home=tmp_path))
