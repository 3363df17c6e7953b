"""What the published file says of itself: freshness, and findings on its data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

DAMAGED = "damaged segment"
DRIFT = ("contract drift%", "unmapped status", "unmapped step", "orphan application")


class NotReadable(RuntimeError):
    """The published file is not there or cannot be read; `why` is the class of the error."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the published file cannot be read: {why}")
        self.why = why


@dataclass(frozen=True)
class Finding:
    """A row of data_quality. count: rows or deliveries concerned."""

    check: str
    subject: str
    count: int


@dataclass(frozen=True)
class Published:
    """freshness: the row of that table, by column. damaged: batches set aside, `slot/seq`."""

    freshness: dict[str, Any]
    drift: tuple[Finding, ...] = field(default=())
    damaged: tuple[Finding, ...] = field(default=())

    @property
    def as_of(self) -> datetime | None:
        found = self.freshness.get("as_of")
        return found if isinstance(found, datetime) else None

    def count(self, name: str) -> int:
        """A count of the freshness row; 0 when the column is not there."""
        return int(self.freshness.get(name) or 0)

    @property
    def set_aside(self) -> int:
        """Landed lines of the batches that were set aside."""
        return sum(one.count for one in self.damaged)

    @property
    def accounted(self) -> int:
        """Landed lines of the batches that runs have dealt with."""
        return self.count("events_loaded") + self.count("tombstoned") + self.set_aside

    @classmethod
    def read(cls, path: Path) -> Published:
        """Raises NotReadable."""
        with opened(path) as connection:
            (freshness,) = rows(connection, "select * from freshness limit 1") or ({},)
            asked = (DAMAGED, *DRIFT)
            like = " or ".join("check_name like ?" for _ in asked)
            found = rows(
                connection,
                f"select check_name, subject, n from data_quality where {like} order by all",
                asked,
            )
        every = [Finding(r["check_name"], r["subject"], int(r["n"])) for r in found]
        return cls(
            freshness,
            tuple(one for one in every if one.check != DAMAGED),
            tuple(one for one in every if one.check == DAMAGED),
        )


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read-only, for the block; times in UTC. Raises NotReadable."""
    if not path.exists():
        raise NotReadable("it is not there")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection
    except duckdb.Error as error:  # its text carries values
        raise NotReadable(type(error).__name__) from None


def rows(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: tuple[Any, ...] | dict[str, Any] = (),
) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    done = connection.execute(sql, parameters or None)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]
