"""A home with a simulated company in it, and its published rows."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

import stages
from contract import envelope
from contract.identities import identities
from contract.landing import Landing
from contract.settings import Settings
from contract.tombstones import STUB
from privacy.forget import Hands
from privacy.traces import landed
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Company:
    """A home under `folder`."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder / "home")

    def fill(self, candidates: int) -> int:
        """Land a hiring year and sync; returns how many events it has."""
        lines = self.folder / "year.jsonl"
        os.umask(0o077)
        written = write_lines(make_company(candidates=candidates, seed=1, end=END), lines, 1)
        land(self.settings, [lines])
        lines.unlink()
        self.sync()
        return sum(written.landed.values())

    def sync(self, *, full_refresh: bool = False) -> None:
        stages.run_sync(self.settings, lambda _: None, full_refresh)

    @property
    def hands(self) -> Hands:
        hands: Hands = stages.hands(self.settings, lambda _: None)
        return hands

    def choose(self, people: int) -> list[str]:
        """Candidates with an application, by chance that is the same each time."""
        return [
            row[0]
            for row in self.rows(
                "select distinct candidate_uuid from applications"
                f" order by md5(candidate_uuid) limit {people}"
            )
        ]

    def split(self, candidates: Iterable[str]) -> tuple[list[bytes], list[bytes]]:
        """Landed lines that speak of some candidates, and all others."""
        wanted = set(candidates)
        theirs: list[bytes] = []
        rest: list[bytes] = []
        for _, line in landed(Landing(self.settings.home)):
            head, body = envelope.split(line)
            uuids = identities(head["event_name"], body).uuids
            (theirs if wanted & {uuid.lower() for uuid in uuids} else rest).append(line)
        return theirs, rest

    def stubs(self) -> list[bytes]:
        """What stands in the place of the lines of the erased."""
        lines = (line for _, line in landed(Landing(self.settings.home)))
        return [line for line in lines if envelope.head(line).get(STUB)]

    def land(self, lines: Iterable[bytes]) -> None:
        file = self.folder / "lines.jsonl"
        file.write_bytes(b"".join(lines))
        land(self.settings, [file])
        file.unlink()

    def never_had(self, lines: Iterable[bytes]) -> Company:
        """A home of these lines alone, with the same secrets."""
        other = Company(self.folder / "never-had")
        (other.settings.home / "secrets").mkdir(parents=True)
        key = self.settings.secrets / "person_key"
        shutil.copy(key, other.settings.secrets / "person_key")
        other.land(lines)
        other.sync()
        return other

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.published), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def tables(self) -> dict[str, str]:
        """A checksum of every published table but the ledger."""
        names = [row[0] for row in self.rows("select table_name from duckdb_tables()")]
        return {
            name: _checksum(self.rows(f"from {name} order by all"))
            for name in sorted(set(names) - {"freshness"})
        }

    def applications(self, gone: Iterable[str]) -> tuple[int, str]:
        """How many applications there are of all but some candidates, and their checksum."""
        ids = ", ".join(f"'{uuid}'" for uuid in gone)
        rows = self.rows(f"from applications where candidate_uuid not in ({ids}) order by all")
        return len(rows), _checksum(rows)

    def named(self, candidates: Iterable[str]) -> int:
        """Published rows that name one of some candidates."""
        ids = ", ".join(f"'{uuid}'" for uuid in candidates)
        tables = self.rows(
            "select table_name from duckdb_columns() where column_name = 'candidate_uuid'"
        )
        counts = (
            f"select count(*) from {table} where candidate_uuid in ({ids})" for (table,) in tables
        )
        return sum(self.rows(sql)[0][0] for sql in counts)


def _checksum(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()
