"""A home filled by the real stages, and the hands that the command line would give."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

import stages
from contract.landing import Landing
from contract.settings import Settings
from pipelines import merge
from pipelines.compact import compact_old_days
from pipelines.load import load
from pipelines.merge import merge_closed_days
from pipelines.summary import Summary
from privacy.erasure import Erasure
from privacy.forget import Hands, forget
from privacy.people import People
from privacy.search import Search
from privacy.traces import landed, trace
from receiver import seal
from receiver.damage import keeper
from receiver.land import land
from receiver.quarantine import Quarantine
from receiver.slot import left_behind

LAST = "zoe-0001"  # of the small company's candidates the one whose event came last
END = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Home:
    """A home of its own, and what was landed in it."""

    settings: Settings

    @property
    def path(self) -> Path:
        return self.settings.home

    def land(self, *bodies: Mapping[str, Any] | bytes) -> None:
        file = self.path / "export.jsonl"
        lines = [b if isinstance(b, bytes) else orjson.dumps(b) for b in bodies]
        file.write_bytes(b"\n".join(lines) + b"\n")
        land(self.settings, [file])
        file.unlink()

    def sync(self, *, full_refresh: bool = False) -> None:
        before = os.umask(0o077)  # as the command line sets it
        try:
            stages.run_sync(self.settings, lambda _: None, full_refresh)
        finally:
            os.umask(before)

    def compact(self) -> None:
        """All that landed becomes Parquet, as if it were loaded and old."""
        landing, tomorrow = Landing(self.path), datetime.now(UTC).date() + timedelta(days=1)
        loaded = {slot: landing.sequences(slot)[-1] for slot in landing.slots()}
        merge_closed_days(landing, loaded, tomorrow)
        smallest, merge.SMALLEST = merge.SMALLEST, 1
        try:
            compact_old_days(landing, tomorrow)
        finally:
            merge.SMALLEST = smallest

    def load(self) -> None:
        """The first half of a sync: raw tables alone."""
        load(self.settings, Summary(), lambda _: None)

    def seal(self) -> None:
        for slot in left_behind(Landing(self.path)):
            seal.seal_all(slot, keeper(Quarantine(self.settings)))

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.settings)

    @property
    def hands(self) -> Hands:
        return Hands(self.seal, self.quarantine, self.sync)

    @property
    def quick_hands(self) -> Hands:
        """Hands that rebuild nothing."""
        return Hands(self.seal, self.quarantine, lambda: None)

    def published(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{self.settings.published}' as hiring (read_only)")
            connection.execute("use hiring")
            return connection.execute(sql).fetchall()

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            connection.execute("use raw")
            return connection.execute(sql).fetchall()

    def others(self, gone: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
        """Published rows of all candidates but these, by table."""
        names = [row[0] for row in self.published("select table_name from duckdb_tables()")]
        ids = ", ".join(f"'{uuid}'" for uuid in gone)
        found = {}
        for name in sorted(names):
            columns = {row[0] for row in self.published(f"describe {name}")}
            if "candidate_uuid" in columns:
                where = f"where candidate_uuid not in ({ids})"
                found[name] = self.published(f"from {name} {where} order by all")
        return found


@dataclass
class Done:
    """A home after an erasure that keeps the anonymous, and what was there before."""

    home: Home
    erasure: Erasure
    gone: set[str]
    search: Search
    before: dict[str, list[tuple[Any, ...]]]
    lines: list[bytes]
    counted: list[tuple[Any, ...]]
    as_of: list[tuple[Any, ...]]


@pytest.fixture(scope="session")
def done(filled: Home, tmp_path_factory: pytest.TempPathFactory) -> Done:
    home = put(filled, tmp_path_factory.mktemp("erased") / "home", keep_anonymous=True)
    chosen = home.published(
        "select candidate_uuid from applications order by hash(candidate_uuid) limit 4"
    )
    people = People.of([LAST, *(uuid.upper() for (uuid,) in chosen)])
    traces = trace(Landing(home.path), people)
    search = Search(traces.values)
    email = sorted(traces.emails)[0]
    home.land(b'{"broken": "' + email.replace("@", "\\u0040").encode() + b'"')
    reports = home.path / "reports" / "20260601T000000Z"
    reports.mkdir(parents=True)
    (reports / "report.html").write_text(f"<p>{email}</p>")
    before, lines = home.others(traces.candidates), [line for _, line in landed(Landing(home.path))]
    counted = home.published(counting(traces.candidates))
    as_of = home.published("select as_of from freshness")
    erasure = forget(home.settings, people, home.hands)
    return Done(home, erasure, set(traces.candidates), search, before, lines, counted, as_of)


def counting(candidates: Iterable[str]) -> str:
    """The query of what may be kept of some candidates."""
    ids = ", ".join(f"'{uuid}'" for uuid in candidates)
    return f"""
        select cohort_month, job_uuid, furthest_stage, outcome, count(*) from applications
        where lower(candidate_uuid) in ({ids}) group by all order by all"""


def candidate(uuid: str, job: str = "job-1", **data: Any) -> dict[str, Any]:
    """A delivery about an invented person."""
    event = data.pop("event", "CandidateResource_updated")
    standard = {
        "uuid": uuid,
        "job_uuid": job,
        "status": "new",
        "email": f"{uuid}@example.com",
        "profile": f"I am the only one who writes of {uuid} like this.",
        "file": {"name": "cv.pdf", "url": f"https://files.example.com/{uuid}/cv.pdf?sig=x"},
        "hiring_flow_step": {"uuid": "step-1", "name": "Applied"},
        "created_at": "2026-01-01 09:00:00",
        "updated_at": "2026-01-02 09:00:00",
    }
    meta = {"resource_type": "CandidateResource", "event_name": event}
    return {"meta": meta, "data": standard | data}


def job(uuid: str = "job-1", **data: Any) -> dict[str, Any]:
    meta = {"resource_type": "JobResource", "event_name": "JobResource_created"}
    return {"meta": meta, "data": {"uuid": uuid, "title": "Cook", **data}}


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A home with nothing in it."""
    (tmp_path / "home").mkdir()
    return Home(Settings(home=tmp_path / "home"))


def put(home: Home, path: Path, **settings: Any) -> Home:
    """A copy of a home."""
    shutil.copytree(home.path, path, symlinks=True)
    return Home(Settings(home=path, **settings))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small company, landed and synced once: to be copied, not to be changed."""
    from simulator.company import make_company
    from simulator.lines import write_lines

    folder = tmp_path_factory.mktemp("filled")
    (folder / "home").mkdir()
    home = Home(Settings(home=folder / "home"))
    company = make_company(candidates=60, seed=3, end=END)
    write_lines(company, folder / "year.jsonl", 3)
    land(home.settings, [folder / "year.jsonl"])
    home.land(candidate(LAST))
    home.sync()
    return home


@pytest.fixture
def home(filled: Home, tmp_path: Path) -> Home:
    """A copy of the small company."""
    return put(filled, tmp_path / "home")
