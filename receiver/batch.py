"""Landing without HTTP: lines go through the journal of an import slot in large batches."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from contract.settings import Settings
from receiver import frames, seal
from receiver.damage import keeper
from receiver.journal import Journal
from receiver.places import Key, Places
from receiver.quarantine import Quarantine
from receiver.slot import Slot, of_imports

_FLUSH = 4 << 20
_STEP = 1 << 20  # syncs of a seal: less than a flush, which others wait for anyhow
_AHEAD = 4  # flushes that may wait, while a seal keeps the disk busy


class Batch:
    """Holds the slot; lines are durable and in the manifest when the block is left without error.

    Entering raises SlotBusy; later NoSpace, Poisoned and OSError: what was sealed stays.
    A thread writes the journal, and another seals a batch beside the next.
    """

    def __init__(self, settings: Settings) -> None:
        self._landing = settings.outbox
        self._name = of_imports(settings.slot_host)
        self._keep = keeper(Quarantine(settings))
        self._seal_bytes = settings.seal_bytes
        self._frames: list[bytes] = []
        self._places = Places()
        self._writer = ThreadPoolExecutor(1, "land")
        self._sealer = ThreadPoolExecutor(1, "seal")
        self._writing: deque[Future[None]] = deque()
        self._sealing: Future[None] | None = None
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
        framed, places = frames.frame(line), Places()
        places.wrote([(key, len(framed))])
        self.add_frames(framed, places)

    def add_frames(self, data: bytes, places: Places) -> None:
        """Take frames of landed lines. places: of the lines in `data`."""
        self._frames.append(data)
        self._places.follow(places)
        if self._places.size >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Hand over what was taken; waits while too much of it is not on disk yet."""
        before = self._writing[-1] if self._writing else None
        self._writing.append(self._writer.submit(self._write, self._frames, self._places, before))
        self._frames, self._places = [], Places()
        while len(self._writing) > _AHEAD:
            self._writing.popleft().result()

    def _write(self, pieces: list[bytes], places: Places, before: Future[None] | None) -> None:
        if before:
            before.result()  # nothing is written after what could not be
        if pieces:
            self._journal.write(b"".join(pieces), places)
        if self._journal.size >= self._seal_bytes:
            self._rotate()

    def _rotate(self) -> None:
        """Close the open batch once the one before is sealed, and begin to seal it."""
        if self._sealing:
            self._sealing.result()
        self._journal.rotate()
        self._sealing = self._sealer.submit(self._seal)

    def _seal(self) -> None:
        while self._journal.waiting:
            number, path = self._journal.waiting[0]
            known = self._journal.known(number)
            # A spare is for small syncs; in syncs of megabytes its zeros are not gained back.
            seal.seal(self._slot, number, path, self._keep, known, reuse=False, step=_STEP)
            self._journal.waiting.popleft()
            self.sealed += 1

    def _finish(self) -> None:
        self.flush()
        while self._writing:
            self._writing.popleft().result()
        self._rotate()
        if self._sealing:
            self._sealing.result()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._writer.shutdown(cancel_futures=True)
            self._sealer.shutdown()
            self._journal.close()
            self._slot.release()
