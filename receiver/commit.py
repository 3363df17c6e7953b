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

from receiver import frames
from receiver.journal import Journal, NoSpace, Poisoned
from receiver.places import Key
from receiver.seal import Keep
from receiver.sealer import Sealer

Failure = NoSpace | Poisoned | None
Done = Callable[[Failure], None]
log = structlog.get_logger("receiver.commit")


class GroupCommit:
    """Makes lines durable and has batches sealed by size, by age and at `close`.

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
        self._seal_bytes = seal_bytes
        self._on_flush, self._on_poison = on_flush, on_poison
        self._loop = asyncio.get_running_loop()
        self._writer = ThreadPoolExecutor(1, "journal")
        self._sealer = Sealer(journal, keep, self._writer, seal_seconds)
        self._queue: list[tuple[bytes, Key, Done]] = []
        self._in_flight: list[tuple[bytes, Key, Done]] = []
        self._oldest = 0.0
        self._idle = asyncio.Event()
        self._idle.set()

    def append(self, line: bytes, key: Key, done: Done) -> None:
        """Have a line written; `done` is called with None when it is on disk, else with why not.

        key: where it will be sealed to.

        Nothing takes it back: a sender that leaves meanwhile does not stop the flush.
        """
        if not self._queue:
            self._oldest = monotonic()
            if not self._in_flight:
                self._idle.clear()
                self._loop.call_soon(self._flush)
        self._queue.append((frames.frame(line), key, done))

    @property
    def queued(self) -> int:
        """Lines that are not answered yet."""
        return len(self._queue) + len(self._in_flight)

    @property
    def oldest_age(self) -> float:
        """Seconds that the oldest unanswered line has waited."""
        return monotonic() - self._oldest if self.queued else 0.0

    def _flush(self) -> None:
        self._in_flight, self._queue = self._queue, []
        self._writer.submit(self._write, self._in_flight)

    def _write(self, batch: list[tuple[bytes, Key, Done]]) -> None:
        """In the writer's thread, as all that touches the journal."""
        failure: Failure = None
        try:
            data = b"".join([line for line, _, _ in batch])
            self.journal.write(data, [(key, len(line)) for line, key, _ in batch])
            if self.journal.size >= self._seal_bytes:
                self.journal.rotate()
        except (NoSpace, Poisoned) as error:
            failure = error
        except Exception as error:  # what can't be explained is not answered with success
            self.journal.poisoned = True
            failure = Poisoned(type(error).__name__)
        self._loop.call_soon_threadsafe(self._flushed, failure, self.journal.last_sync_seconds)

    def _flushed(self, failure: Failure, seconds: float) -> None:
        flushed, self._in_flight = self._in_flight, []
        if self._queue:
            self._flush()  # the disk works while these are answered
        for _, _, done in flushed:
            try:
                done(failure)
            except Exception as error:  # the others of the batch are answered all the same
                log.error("answer_failed", error=type(error).__name__)  # noqa: TRY400  a trace tells values
        if failure:
            self._tell(failure)
        else:
            self.no_space = False
            self._on_flush(len(flushed), seconds)
        if not self.queued:
            self._idle.set()
        self._sealer.look()

    def _tell(self, failure: NoSpace | Poisoned) -> None:
        if isinstance(failure, Poisoned):
            if not self._told:
                self._told = True
                log.error("journal_poisoned", slot=self.journal.slot.name)
                self._on_poison()
        elif not self.no_space:
            self.no_space = True
            log.error("no_space", slot=self.journal.slot.name)

    async def close(self) -> None:
        """Write what is queued, seal all, let the slot go. A poisoned journal is left as it is."""
        await self._idle.wait()
        await self._sealer.close()
        self._writer.shutdown()
        self.journal.close()
        self.journal.slot.release()
