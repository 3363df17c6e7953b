"""A writer's slot: a lock file that one process holds, and the last batch that it sealed."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import suppress

from contract import durable
from contract.landing import IMPORT_SLOT, SLOT, Landing
from contract.outbox import Mark

_LIMIT = 256


class SlotBusy(RuntimeError):
    """Another process holds the slot; `slot` names it."""

    def __init__(self, slot: str) -> None:
        super().__init__(f"another process is writing to slot {slot}; let it finish or stop it")
        self.slot = slot


class Slot:
    """A slot that is held until `release`, or until the process dies.

    The lock file is never unlinked: a second process could lock a file that a third no longer
    sees. It carries the number of the last sealed batch, so that numbers are not used again
    when old manifest entries have gone; of those that were shipped there is a durable mark.
    """

    def __init__(self, landing: Landing, name: str) -> None:
        """Take the slot. Raises SlotBusy, OSError."""
        if not SLOT.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a slot")
        self.landing, self.name = landing, name
        durable.make_directory(landing.journals)
        self._lock = os.open(landing.lock(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise SlotBusy(name) from error
        self._folder = -1
        try:
            self._drop_spare()  # a process that died left it
            # Held open: out of descriptors, a new journal's name could not be made durable.
            self._folder = os.open(landing.journals, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            shipped = Mark.of(landing, name).begun
            self.last_sealed = max([self._noted(), shipped, *landing.sequences(name)])
        except BaseException:
            self.release()  # or this process would find it busy for as long as it lives
            raise

    def _noted(self) -> int:
        text = os.pread(self._lock, 32, 0)
        return int(text) if text.strip().isdigit() else 0

    def sealed(self, seq: int) -> None:
        """Remember that batch `seq` stands in the manifest."""
        self.last_sealed = seq
        with suppress(OSError):  # a note beside the manifest, which is the truth
            os.pwrite(self._lock, b"%012d\n" % seq, 0)

    def sync_folder(self) -> None:
        """Make the names of journals durable. Raises OSError."""
        os.fsync(self._folder)

    def _drop_spare(self) -> None:
        with suppress(OSError):
            self.landing.spare(self.name).unlink(missing_ok=True)

    def release(self) -> None:
        """Let the slot go; the second call does nothing."""
        if self._lock >= 0:
            self._drop_spare()
            if self._folder >= 0:
                os.close(self._folder)
            os.close(self._lock)
            self._lock = -1


def take_free(landing: Landing, host: str | None = None) -> Slot:
    """A receiver's slot: the first `w0`, `w1`, … of a host that no other process holds."""
    for number in range(_LIMIT):
        with suppress(SlotBusy):
            return Slot(landing, f"{_prefix(host)}{number}")
    raise SlotBusy(f"{_prefix(host)}{_LIMIT - 1}")


def of_imports(host: str | None = None) -> str:
    """The slot of `hiring land` on a host."""
    return f"{IMPORT_SLOT}-{host}" if host else IMPORT_SLOT


def left_behind(landing: Landing, host: str | None = None) -> Iterator[Slot]:
    """Slots that no living process holds and that have journals to seal; each is held meanwhile.

    With several hosts only those of `host`: locks of another machine need not be seen here.
    """
    for name in with_journals(landing, host):
        yield from if_free(landing, name)


def with_journals(landing: Landing, host: str | None = None) -> list[str]:
    """Names of slots with journals, held or not."""
    names = {path.stem.rpartition("-")[0] for path in landing.journals.glob("*.journal")}
    ours = re.compile(rf"{host}-w\d+|{of_imports(host)}" if host else ".*")
    return sorted(name for name in names if ours.fullmatch(name))


def if_free(landing: Landing, name: str) -> Iterator[Slot]:
    """The slot, held meanwhile, unless another process holds it."""
    with suppress(SlotBusy, ValueError):
        slot = Slot(landing, name)
        try:
            yield slot
        finally:
            slot.release()


def _prefix(host: str | None) -> str:
    return f"{host}-w" if host else "w"
