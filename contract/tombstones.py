"""Whose events are no longer kept: keyed hashes, so that a repeat of them never comes back.

    secrets/tombstone_key            the key, 0600, made once, never rotated
    secrets/tombstones/<id>.json     an erasure: hashes of candidate ids and addresses, and its time
    landing/_tombstones/<id>.json    the same (contract/twice.py)
    landing/_erased/<id>             this landing zone was rewritten for the erasure

Every writer applies them when it seals. The marks in `_erased` travel with the landing zone: one
that was restored from an older backup lacks them, and is rewritten before anything is loaded.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from contract import durable, envelope, twice
from contract.identities import identities, normalised

KIND = "tombstones"
STUB = "tombstoned"  # key of the envelope: a line whose body was not kept
ALIVE = "alive"  # and, for a state newer than the erasure, whose it is: the hash


class TombstoneKeyLost(OSError):
    """There are tombstones, but `secrets/tombstone_key` is gone: restore it from a backup.

    Without it nobody's events can be told from those of the erased, so that nothing is sealed.
    """


@dataclass(frozen=True)
class Tombstone:
    """One erasure. candidates and emails: hashes. erased_at: UTC, as the landed line writes it."""

    id: str
    erased_at: str
    candidates: tuple[str, ...]
    emails: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """Makes the hashes of a home."""

    secret: bytes

    @classmethod
    def of(cls, home: Path) -> Key:
        """The key of a home; created on first use, by whoever holds the lock of the runs."""
        path = _key_path(home)
        if not path.exists():
            durable.write(path, [secrets.token_bytes(32)])
        return cls(path.read_bytes())

    def candidate(self, uuid: str) -> str:
        """HMAC-SHA-256 of a candidate id in lower case, hex."""
        return hmac.digest(self.secret, b"candidate\0" + uuid.lower().encode(), "sha256").hex()

    def email(self, address: str) -> str:
        """HMAC-SHA-256 of an address, normalised as for `person_key`, hex."""
        return hmac.digest(self.secret, b"email\0" + normalised(address).encode(), "sha256").hex()


@dataclass
class Tombstones:
    """All erasures of a home. False when there is none."""

    key: Key | None = None
    ids: set[str] = field(default_factory=set)
    candidates: dict[str, datetime] = field(default_factory=dict)  # hash -> time of erasure
    emails: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Path) -> Tombstones:
        """Read those of a home. Raises TombstoneKeyLost, OSError."""
        found = cls()
        for path in twice.files(home, KIND):
            found.add(_read(path))
        if found.ids:
            if not _key_path(home).exists():
                raise TombstoneKeyLost("secrets/tombstone_key is gone; restore it from a backup")
            found.key = Key.of(home)
        return found

    def add(self, tombstone: Tombstone) -> None:
        self.ids.add(tombstone.id)
        time = datetime.fromisoformat(tombstone.erased_at)
        for known, new in (
            (self.candidates, tombstone.candidates),
            (self.emails, tombstone.emails),
        ):
            for digest in new:
                known[digest] = max(time, known.get(digest, time))

    def __bool__(self) -> bool:
        return bool(self.ids)

    def covers(self, uuid: str | None, email: str | None, created_at: datetime | None) -> bool:
        """Whether a state is of someone erased: by id for ever, by address when it is older.

        created_at: when the state came to be; None counts as older.
        """
        if self.key is None:
            return False
        if uuid and self.key.candidate(uuid) in self.candidates:
            return True
        erased_at = self.emails.get(self.key.email(email)) if email else None
        return erased_at is not None and (created_at is None or created_at <= erased_at)

    def apply(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Landed lines, those of the erased as stubs."""
        yield from map(self.line, lines) if self else lines

    def line(self, landed: bytes) -> bytes:
        """The line as it is, or its stub. What can't be read is of nobody."""
        try:
            head, body = envelope.split(landed)
        except ValueError:
            return landed
        if head.get(STUB):
            return landed
        uuids, emails, time = identities(head["event_name"], body)
        if any(self.covers(uuid, None, time) for uuid in uuids):
            return stub(head, self._alive(uuids, time))
        if any(self.covers(None, email, time) for email in emails):
            return stub(head)
        return landed

    def _alive(self, uuids: Iterable[str], time: datetime | None) -> str | None:
        """The hash of who was erased before this state came to be."""
        if time is None or self.key is None:
            return None
        digests = map(self.key.candidate, uuids)
        newer = (d for d in digests if d in self.candidates and self.candidates[d] < time)
        return next(newer, None)


def stub(head: dict[str, Any], alive: str | None = None) -> bytes:
    """What stays of a landed line: when an event of which kind came, and not whose."""
    name, kind = head["event_name"], head.get("resource_type")
    empty = orjson.dumps({"meta": {"resource_type": kind, "event_name": name}, "data": {}})
    event = envelope.Event(name, kind, None)
    line = envelope.line(
        empty,
        event,
        event_id=head["event_id"],
        landed_at=datetime.fromisoformat(head["landed_at"]),
        source=head.get("source", "webhook"),
    )
    kept = envelope.head(line) | {STUB: True} | ({ALIVE: alive} if alive else {})
    return envelope.join(kept, empty)


def write(home: Path, tombstone: Tombstone) -> None:
    """Make an erasure durable, in both places. Repeating it is harmless."""
    twice.write(home, KIND, f"{tombstone.id}.json", orjson.dumps(asdict(tombstone)))


def unapplied(home: Path) -> list[str]:
    """Erasures that this landing zone was not rewritten for: work that is left to do."""
    ids = [path.stem for path in twice.files(home, KIND)]
    return [id_ for id_ in ids if not _mark(home, id_).exists()]


def mark_applied(home: Path, ids: Iterable[str]) -> None:
    """Note that the landing zone holds nothing of these erasures any more."""
    for id_ in ids:
        durable.write(_mark(home, id_), [])


def now() -> str:
    return envelope.timestamp(datetime.now(UTC))


def _read(path: Path) -> Tombstone:
    read = orjson.loads(path.read_bytes())
    return Tombstone(
        read["id"], read["erased_at"], tuple(read["candidates"]), tuple(read["emails"])
    )


def _mark(home: Path, id_: str) -> Path:
    return home / "landing" / "_erased" / id_


def _key_path(home: Path) -> Path:
    return home / "secrets" / "tombstone_key"
