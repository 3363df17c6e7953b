"""Group commit: the asynchronous front of a journal.

Each flush takes all that is queued: one write and one fdatasync in a thread, then it answers
just those. There is no timer: while one flush is on its way, the next batch gathers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import structlog

from receiver import frames, seal
from receiver.journal import Journal, NoSpace, Poisoned
from receiver.seal import Keep

_RETRY_SECONDS = 5.0
log = structlog.get_logger("receiver.commit")


class GroupCommit:
    """Makes lines durable and seals batches by size, by age and at `close`.

    on_flush(lines, seconds of fdatasync) is called after each flush, on_poison once.
    """

    def __init__(
        self,
        journal: Journal,
        keep: Keep,
        *,
        seal_bytes: int,
        seal_seconds: float,
        on_flush: Callable[[int, float], None] = lambda _lines, _seconds: None,
        on_poison: Callable[[], None] = lambda: None,
    ) -> None:
        self.journal = journal
        self.no_space = self._told = False
        self._keep = keep
        self._seal_bytes, self._seal_seconds = seal_bytes, seal_seconds
        self._on_flush, self._on_poison = on_flush, on_poison
        self._loop = asyncio.get_running_loop()
        self._writer = ThreadPoolExecutor(1, "journal")
        self._sealer = ThreadPoolExecutor(1, "seal")
        self._queue: list[tuple[bytes, asyncio.Future[None]]] = []
        self._in_flight: list[tuple[bytes, asyncio.Future[None]]] = []
        self._oldest: float | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._aging: asyncio.TimerHandle | None = None
        self._sealing: asyncio.Task[None] | None = None
        self._seal_again: asyncio.TimerHandle | None = None
        if journal.waiting:
            self._start_seal()

    def append(self, line: bytes) -> asyncio.Future[None]:
        """A future that is done when the line is on disk, or fails with NoSpace or Poisoned.

        Cancelling it takes nothing back: the line is written all the same.
        """
        future = self._loop.create_future()
        if not self._queue:
            self._oldest = monotonic()
        self._queue.append((frames.frame(line), future))
        if self._flushing is None:
            self._flushing = self._loop.create_task(self._flush())
        return future

    @property
    def queued(self) -> int:
        """Lines that are not answered yet."""
        return len(self._queue) + len(self._in_flight)

    @property
    def oldest_age(self) -> float:
        """Seconds that the oldest unanswered line has waited."""
        return monotonic() - self._oldest if self._oldest is not None and self.queued else 0.0

    async def _flush(self) -> None:
        try:
            while self._queue:
                await self._flush_queue()
        finally:
            self._flushing = None
        if self._aging is None and self.journal.size:
            self._aging = self._loop.call_later(self._seal_seconds, self._aged)

    async def _flush_queue(self) -> None:
        self._in_flight, self._queue = self._queue, []
        data = b"".join([line for line, _ in self._in_flight])
        try:
            await self._loop.run_in_executor(self._writer, self._write, data)
        except (NoSpace, Poisoned) as error:
            self._refuse(error)
        except Exception as error:  # what can't be explained is not answered with success
            self.journal.poisoned = True
            self._refuse(Poisoned(type(error).__name__))
        else:
            self._answer()
        self._in_flight = []
        self._oldest = monotonic()

    def _write(self, data: bytes) -> None:
        """In the writer's thread, as all that touches the journal."""
        self.journal.write(data)
        if self.journal.size >= self._seal_bytes:
            self.journal.rotate()

    def _answer(self) -> None:
        self.no_space = False
        for _, future in self._in_flight:
            if not future.done():
                future.set_result(None)
        self._on_flush(len(self._in_flight), self.journal.last_sync_seconds)
        if self.journal.waiting and self._seal_again is None:
            self._start_seal()

    def _refuse(self, error: NoSpace | Poisoned) -> None:
        for _, future in self._in_flight:
            if not future.done():
                future.set_exception(error)
        if isinstance(error, Poisoned):
            if not self._told:
                self._told = True
                log.error("journal_poisoned", slot=self.journal.slot.name)
                self._on_poison()
        elif not self.no_space:
            self.no_space = True
            log.error("no_space", slot=self.journal.slot.name)

    def _aged(self) -> None:
        self._aging = None
        self._start_seal(rotate=True)

    def _start_seal(self, *, rotate: bool = False) -> None:
        if self._sealing is None or self._sealing.done():
            self._sealing = self._loop.create_task(self._seal(rotate=rotate))
        elif rotate:
            self._aging = self._loop.call_later(self._seal_seconds / 4, self._aged)

    async def _seal(self, *, rotate: bool) -> None:
        self._seal_again = None
        if rotate:
            await self._loop.run_in_executor(self._writer, self.journal.rotate)
        try:
            await self._loop.run_in_executor(self._sealer, self._seal_waiting)
        except OSError as error:
            # The lines are safe in the journal; only their partitions wait.
            slot = self.journal.slot.name
            log.error("seal_failed", slot=slot, error=type(error).__name__)  # noqa: TRY400  a trace tells values
            self._seal_again = self._loop.call_later(_RETRY_SECONDS, self._start_seal)

    def _seal_waiting(self) -> None:
        """Oldest first and none skipped: readers go by the batch number."""
        waiting = self.journal.waiting
        while waiting:
            seq, path = waiting[0]
            rows = seal.seal(self.journal.slot, seq, path, self._keep)
            waiting.popleft()
            log.info("sealed", slot=self.journal.slot.name, seq=seq, rows=rows)

    async def close(self) -> None:
        """Write what is queued, seal all, let the slot go. A poisoned journal is left as it is."""
        while self._flushing:
            await asyncio.wait([self._flushing])
        while self._sealing and not self._sealing.done():
            await asyncio.wait([self._sealing])
        if not self.journal.poisoned:
            await self._seal(rotate=True)
        for timer in (self._aging, self._seal_again):
            if timer:
                timer.cancel()
        self._writer.shutdown()
        self._sealer.shutdown()
        self.journal.close()
        self.journal.slot.release()
