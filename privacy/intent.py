"""An erasure that is under way: what it needs to be finished by another process.

state/erasing.json      0600, gone when the erasure is done. It names whom it erases, since
                        the proof looks for what the landing zone by then no longer holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

import orjson

from contract import durable
from contract.anonymous import Application
from contract.tombstones import Tombstone
from privacy.search import Kind, Value


@dataclass(frozen=True)
class Intent:
    """tombstone: None for a landing zone from a backup, whose tombstones are there already.

    found: place -> rows, lines, bodies before. The counts are those of privacy.traces.Traces.
    kept: what stays of their applications, under the name kept_id, which leads to nobody.
    """

    tombstone: Tombstone | None
    values: tuple[Value, ...]
    candidates: tuple[str, ...]
    found: Mapping[str, int] = field(default_factory=dict)
    shared: int = 0
    mentions: int = 0
    followed: int = 0
    kept: tuple[Application, ...] = ()
    kept_id: str = field(default_factory=lambda: str(uuid4()))

    def write(self, home: Path) -> None:
        durable.write(_path(home), [orjson.dumps(asdict(self))])

    @classmethod
    def pending(cls, home: Path) -> Intent | None:
        """The erasure that an earlier process did not finish."""
        try:
            read = orjson.loads(_path(home).read_bytes())
        except FileNotFoundError:
            return None
        stone = read.pop("tombstone")
        return cls(
            _tombstone(stone) if stone else None,
            tuple(Value(Kind(value["kind"]), value["text"]) for value in read.pop("values")),
            tuple(read.pop("candidates")),
            kept=tuple(Application(**row) for row in read.pop("kept")),
            **read,
        )

    @staticmethod
    def done(home: Path) -> None:
        _path(home).unlink(missing_ok=True)
        durable.sync_directory(_path(home).parent)


def _tombstone(read: Mapping[str, object]) -> Tombstone:
    return Tombstone(
        str(read["id"]),
        str(read["erased_at"]),
        tuple(read["candidates"]),  # type: ignore[arg-type]  # lists, as they were written
        tuple(read["emails"]),  # type: ignore[arg-type]
    )


def _path(home: Path) -> Path:
    return home / "state" / "erasing.json"
