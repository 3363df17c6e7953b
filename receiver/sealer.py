"""When batches are sealed: by size, by age (an idle worker too), and at the end."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from receiver import seal
from receiver.journal import Journal
from receiver.seal import Keep

_RETRY_SECONDS = 5.0
log = structlog.get_logger("receiver.sealer")


class Sealer:
    """Seals closed batches in a thread of its own, beside the writing of the next.

    `writer` is the thread of all that touches the open batch.
    """

    def __init__(
        self, journal: Journal, keep: Keep, writer: ThreadPoolExecutor, seconds: float
    ) -> None:
        self._journal, self._keep, self._writer, self._seconds = journal, keep, writer, seconds
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "seal")
        self._aging: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._closing = False
        self.look()

    def look(self) -> None:
        """See what there is to do, after a write or at the start."""
        if self._aging is None and self._journal.size:
            self._aging = self._loop.call_later(self._seconds, self._aged)
        if self._journal.waiting and self._again is None:
            self._start()

    def _aged(self) -> None:
        self._aging = None
        if not self._start(rotate=True):
            self._aging = self._loop.call_later(self._seconds / 4, self._aged)

    def _start(self, *, rotate: bool = False) -> bool:
        """Begin to seal; False when that goes on already."""
        if self._closing or (self._running and not self._running.done()):
            return False
        self._running = self._loop.create_task(self._seal(rotate=rotate))
        self._running.add_done_callback(lambda _: self.look())
        return True

    async def _seal(self, *, rotate: bool) -> None:
        self._again = None
        if rotate:
            await self._loop.run_in_executor(self._writer, self._journal.rotate)
        try:
            await self._loop.run_in_executor(self._thread, self._seal_waiting)
        except OSError as error:
            # The lines are safe in the journal; only their partitions wait.
            slot = self._journal.slot.name
            log.error("seal_failed", slot=slot, error=type(error).__name__)  # noqa: TRY400  a trace tells values
            self._again = self._loop.call_later(_RETRY_SECONDS, self._start)

    def _seal_waiting(self) -> None:
        """Oldest first and none skipped: readers go by the batch number."""
        waiting = self._journal.waiting
        while waiting:
            seq, path = waiting[0]
            known = self._journal.known(seq)
            rows = seal.seal(self._journal.slot, seq, path, self._keep, known)
            waiting.popleft()
            log.info("sealed", slot=self._journal.slot.name, seq=seq, rows=rows)

    async def close(self) -> None:
        """Seal all that is left, unless the journal is poisoned."""
        self._closing = True
        if self._running:
            await asyncio.wait([self._running])
        if not self._journal.poisoned:
            await self._seal(rotate=True)
        for timer in (self._aging, self._again):
            if timer:
                timer.cancel()
        self._thread.shutdown()
