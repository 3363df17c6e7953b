"""Landing without HTTP: lines go through the journal of slot `land` in large batches."""

from __future__ import annotations

from types import TracebackType

from contract.landing import Landing
from contract.settings import Settings
from receiver import frames, seal
from receiver.damage import keeper
from receiver.journal import Journal
from receiver.quarantine import Quarantine
from receiver.slot import Slot

SLOT = "land"
_FLUSH = 4 << 20


class Batch:
    """Holds the slot; lines are durable and in the manifest when the block is left without error.

    Entering raises SlotBusy; later NoSpace, Poisoned and OSError: what was sealed stays.
    """

    def __init__(self, settings: Settings) -> None:
        self._landing = Landing(settings.home)
        self._keep = keeper(Quarantine(settings))
        self._seal_bytes = settings.seal_bytes
        self._lines: list[bytes] = []
        self._size = 0
        self.sealed = 0

    def __enter__(self) -> Batch:
        self._slot = Slot(self._landing, SLOT)
        try:
            seal.seal_all(self._slot, self._keep)
            self._journal = Journal(self._slot)
        except BaseException:
            self._slot.release()
            raise
        return self

    def add(self, line: bytes) -> None:
        """Take a landed line, with its newline."""
        self._lines.append(frames.frame(line))
        self._size += len(line)
        if self._size >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Write what was taken; a batch of HIRING_SEAL_BYTES is sealed."""
        if self._lines:
            self._journal.write(b"".join(self._lines))
            self._lines.clear()
            self._size = 0
        if self._journal.size >= self._seal_bytes:
            self.seal()

    def seal(self) -> None:
        self._journal.rotate()
        while self._journal.waiting:
            seal.seal(self._slot, *self._journal.waiting[0], self._keep)
            self._journal.waiting.popleft()
            self.sealed += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.flush()
                self.seal()
        finally:
            self._journal.close()
            self._slot.release()
