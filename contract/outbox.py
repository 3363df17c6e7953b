"""The outbox: what writers sealed and what waits to be shipped to an object store.

    landing/_manifest/<slot>/shipped    two numbers: the last batch that stands in the store, and
                                        the last that may (its upload was begun)
    state/shipping.json                 how shipping goes

With HIRING_LANDING_URL `landing/` is an outbox: a batch leaves it when it stands in the store.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from contract import durable
from contract.landing import DamagedManifest, Entry, Landing

LOCK = "ship.lock"


@dataclass(frozen=True)
class Mark:
    """How far a slot is shipped: the last seq in the store, and the last that may be there."""

    shipped: int = 0
    begun: int = 0

    @classmethod
    def of(cls, landing: Landing, slot: str) -> Mark:
        try:
            shipped, begun = _path(landing, slot).read_bytes().split()
        except FileNotFoundError:
            return cls()
        return cls(int(shipped), int(begun))

    def note(self, landing: Landing, slot: str) -> None:
        """Make it durable: numbers of batches that left are never used again."""
        durable.write(_path(landing, slot), [b"%d %d\n" % (self.shipped, self.begun)])


def _path(landing: Landing, slot: str) -> Path:
    return landing.manifest(slot, 0).with_name("shipped")


@dataclass(frozen=True)
class Note:
    """What the shipper notes after each pass. Times are epoch seconds; 0.0: never.

    failures: by class of the error, since ever. failing_since: 0.0 when the last pass went well.
    """

    batches: int = 0
    events: int = 0
    bytes: int = 0
    last_success: float = 0.0
    failing_since: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, state: Path) -> Note:
        with suppress(OSError, orjson.JSONDecodeError, TypeError):
            return cls(**orjson.loads((state / "shipping.json").read_bytes()))
        return cls()

    def write(self, state: Path) -> None:
        """A full disk is no reason to stop: numbers of before stand then."""
        with suppress(OSError):
            durable.write(state / "shipping.json", [orjson.dumps(self)])


@dataclass(frozen=True)
class Outbox:
    """What waits. oldest_at: when the first of it was sealed (epoch); 0.0 when nothing waits."""

    note: Note
    batches: int = 0
    bytes: int = 0
    oldest_at: float = 0.0

    @classmethod
    def read(cls, home: Path, state: Path) -> Outbox:
        landing = Landing(home)
        found = [one for slot in landing.slots() for one in _waiting(landing, slot)]
        oldest = min((at for _, at in found), default=0.0)
        return cls(Note.read(state), len(found), sum(e.bytes for e, _ in found), oldest)

    @property
    def age(self) -> float:
        """Seconds that the oldest has waited."""
        return max(0.0, time.time() - self.oldest_at) if self.oldest_at else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "waiting_batches": self.batches,
            "waiting_bytes": self.bytes,
            "oldest_seconds": round(self.age, 3),
            **asdict(self.note),
        }


def waiting(landing: Landing, slot: str) -> list[int]:
    """The batches of a slot that are still to be shipped, in order."""
    shipped = Mark.of(landing, slot).shipped
    return [seq for seq in landing.sequences(slot) if seq > shipped]


def _waiting(landing: Landing, slot: str) -> Iterator[tuple[Entry, float]]:
    for seq in waiting(landing, slot):
        with suppress(FileNotFoundError, DamagedManifest):  # shipped meanwhile; told by doctor
            yield landing.entry(slot, seq), landing.manifest(slot, seq).stat().st_mtime
