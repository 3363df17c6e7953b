"""Landing without HTTP: lines go through the journal of an import slot in large batches."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from contract.settings import Settings
from receiver import frames, seal
from receiver.damage import keeper
from receiver.journal import Journal
from receiver.places import Key
from receiver.quarantine import Quarantine
from receiver.slot import Slot, of_imports

_FLUSH = 4 << 20


class Batch:
    """Holds the slot; lines are durable and in the manifest when the block is left without error.

    Entering raises SlotBusy; later NoSpace, Poisoned and OSError: what was sealed stays.
    """

    def __init__(self, settings: Settings) -> None:
        self._landing = settings.outbox
        self._name = of_imports(settings.slot_host)
        self._keep = keeper(Quarantine(settings))
        self._seal_bytes = settings.seal_bytes
        self._lines: list[bytes] = []
        self._places: list[tuple[Key, int]] = []
        self._size = 0
        self._writer = ThreadPoolExecutor(1, "land")
        self._pending: Future[None] | None = None
        self.sealed = 0

    def __enter__(self) -> Batch:
        self._slot = Slot(self._landing, self._name)
        try:
            seal.seal_all(self._slot, self._keep)
            self._journal = Journal(self._slot)
        except BaseException:
            self._slot.release()
            raise
        return self

    def add(self, line: bytes, key: Key) -> None:
        """Take a landed line, with its newline. key: where it will be sealed to."""
        framed = frames.frame(line)
        self._lines.append(framed)
        self._places.append((key, len(framed)))
        self._size += len(line)
        if self._size >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Hand over what was taken; waits until what was handed over before is on disk."""
        data, places = b"".join(self._lines), self._places
        self._lines, self._places, self._size = [], [], 0
        self._wait()
        self._pending = self._writer.submit(self._write, data, places)

    def _wait(self) -> None:
        if self._pending:
            self._pending.result()

    def _write(self, data: bytes, places: list[tuple[Key, int]]) -> None:
        """In the writer's thread: the disk works while the next lines are read."""
        if data:
            self._journal.write(data, places)
        if self._journal.size >= self._seal_bytes:
            self._seal()

    def _seal(self) -> None:
        self._journal.rotate()
        while self._journal.waiting:
            number, path = self._journal.waiting[0]
            known = self._journal.known(number)
            # A spare is for small syncs; in syncs of megabytes its zeros are not gained back.
            seal.seal(self._slot, number, path, self._keep, known, reuse=False)
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
                self._wait()
                self._seal()
        finally:
            self._writer.shutdown()
            self._journal.close()
            self._slot.release()
