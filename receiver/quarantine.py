"""Bodies that could not be understood: byte-exact, with the reason, under a quota, for some days.

    quarantine/<YYYY-MM-DD>/<id>    a line of JSON about the body, a newline, the body as received
    quarantine/usage                bytes in use, guarded by flock

The id is a UUID; the folder is the day on which the body came, UTC.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import orjson

from contract import durable
from contract.envelope import timestamp
from contract.settings import Settings

HEADERS = ("content-type", "content-length", "user-agent", "webhook-id", "webhook-timestamp")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BLOCK = 4096
_HOUR = 3600


class QuarantineFull(RuntimeError):
    """The quota is used up: retry or delete what is there, or raise HIRING_QUARANTINE_BYTES."""


class NotInQuarantine(LookupError):
    """There is no body with this id."""


@dataclass(frozen=True)
class Item:
    """What is known of a quarantined body. `bytes` is its size, `source` webhook or import."""

    id: str
    reason: str
    received_at: str
    sha256: str
    bytes: int
    source: str = "webhook"
    token: str | None = None
    as_of: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Quarantine:
    """The quarantine under HIRING_HOME. Any number of processes may use it at once."""

    def __init__(self, settings: Settings) -> None:
        self.root = settings.home / "quarantine"
        self._quota = settings.quarantine_bytes
        self._days = settings.quarantine_days

    def put(
        self,
        body: bytes,
        reason: str,
        *,
        id: str,  # noqa: A002  the public name of the thing
        received_at: datetime,
        headers: Iterable[tuple[bytes, bytes]] = (),
        source: str = "webhook",
        token: str | None = None,
        as_of: datetime | None = None,
    ) -> Item:
        """Keep a body durably. The same id twice is kept once.

        Raises QuarantineFull, OSError.
        """
        digest = hashlib.sha256(body).hexdigest()
        came, stood = timestamp(received_at), timestamp(as_of) if as_of else None
        allowed = _allowed(headers)
        item = Item(id, reason, came, digest, len(body), source, token, stood, allowed)
        if any((day / id).exists() for day in self._days_kept()):
            return item
        path = self.root / item.received_at[:10] / item.id
        content = orjson.dumps(asdict(item)) + b"\n" + body
        self._reserve(_blocks(len(content)))
        try:
            durable.write(path, [content])
        except OSError:
            self._free(_blocks(len(content)))
            raise
        return item

    def list(self) -> Iterator[Item]:
        """All that is kept, oldest day first."""
        for path in self._paths():
            with suppress(FileNotFoundError), path.open("rb") as file:
                yield Item(**orjson.loads(file.readline()))

    def show(self, id: str) -> tuple[Item, bytes]:  # noqa: A002
        """What is known of a body, and the body. Raises NotInQuarantine."""
        try:
            content = self._find(id).read_bytes()
        except FileNotFoundError as error:
            raise NotInQuarantine(id) from error
        head, _, body = content.partition(b"\n")
        return Item(**orjson.loads(head)), body

    def count(self) -> int:
        """How many bodies are kept."""
        return sum(1 for _ in self._paths())

    def remove(self, id: str) -> None:  # noqa: A002
        """Delete a body. Raises NotInQuarantine."""
        path = self._find(id)
        size = path.stat().st_size
        path.unlink()
        durable.sync_directory(path.parent)
        self._free(_blocks(size))

    def sweep(self, now: datetime | None = None) -> int:
        """Delete what is older than HIRING_QUARANTINE_DAYS and leftovers of a crash.

        Counts the usage anew. Returns the number of bodies deleted.
        """
        oldest = ((now or datetime.now(UTC)) - timedelta(days=self._days)).strftime("%Y-%m-%d")
        removed = 0
        with self._usage() as usage:
            for path in self._paths():
                if path.parent.name < oldest:
                    path.unlink(missing_ok=True)
                    removed += 1
            for day in self._days_kept():
                _clear(day)
                if day.name < oldest:  # a younger one may be written to at this moment
                    with suppress(OSError):  # not empty
                        day.rmdir()
            usage.total = sum(_blocks(path.stat().st_size) for path in self._paths())
        return removed

    def _find(self, id: str) -> Path:  # noqa: A002
        if _ID.fullmatch(id):
            for day in self._days_kept():
                if (day / id).exists():
                    return day / id
        raise NotInQuarantine(id)

    def _days_kept(self) -> Iterator[Path]:
        return iter(sorted(path for path in self.root.glob("????-??-??")))

    def _paths(self) -> Iterator[Path]:
        for day in self._days_kept():
            yield from sorted(path for path in day.iterdir() if _ID.fullmatch(path.name))

    def _reserve(self, size: int) -> None:
        with self._usage() as usage:
            if usage.total + size > self._quota:
                raise QuarantineFull("the quarantine is full")
            usage.total += size

    def _free(self, size: int) -> None:
        with self._usage() as usage:
            usage.total = max(0, usage.total - size)

    @contextmanager
    def _usage(self) -> Iterator[_Usage]:
        durable.make_directory(self.root)
        descriptor = os.open(self.root / "usage", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            text = os.pread(descriptor, 32, 0).strip()
            usage = _Usage(int(text) if text.isdigit() else 0)
            yield usage
            os.pwrite(descriptor, b"%020d\n" % usage.total, 0)
        finally:
            os.close(descriptor)


def _clear(day: Path) -> None:
    """Remove half-written files of an hour ago."""
    for path in day.glob("*" + durable.TEMPORARY):
        if time() - path.stat().st_mtime > _HOUR:
            path.unlink(missing_ok=True)


@dataclass
class _Usage:
    total: int


def _blocks(size: int) -> int:
    """Bytes on disk: a thousand tiny bodies are not free."""
    return -(-size // _BLOCK) * _BLOCK


def _allowed(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return {name: value[:200] for name, value in found if name in HEADERS}
