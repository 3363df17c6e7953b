"""One receiving process: its slot, journal, quarantine and counts, from start to close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from contract.settings import Settings
from receiver import metrics, seal, slot
from receiver.auth import Door
from receiver.commit import GroupCommit
from receiver.damage import keeper
from receiver.health import Readiness
from receiver.hook import Hook
from receiver.intake import Intake
from receiver.journal import Journal
from receiver.quarantine import Quarantine

_SAVE_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0
_AGAIN_SECONDS = 1.0  # after a sweep that failed, and twice as many after each that follows
log = structlog.get_logger("receiver.worker")


class Worker:
    """Made inside a running event loop. Raises SlotBusy, OSError."""

    def __init__(self, settings: Settings, door: Door, on_poison: Callable[[], None]) -> None:
        self.settings = settings
        self._landing = settings.outbox
        self._quarantine = Quarantine(settings)
        self._keep = keeper(self._quarantine)
        held = slot.take_free(self._landing, settings.slot_host)
        self._file = metrics.folder(settings.state) / f"{held.name}.json"
        self.counts = metrics.load(self._file)
        self.commit = GroupCommit(
            Journal(held),
            self._keep,
            seal_bytes=settings.seal_bytes,
            seal_seconds=settings.seal_seconds,
            on_flush=self.counts.flushed,
            on_poison=on_poison,
        )
        self.readiness = Readiness(self.commit, self._landing.journals, held.name)
        self.intake = Intake(settings, door, self.commit, self._quarantine, self.counts)
        self.hook = Hook(self.intake)
        self.connections: Callable[[], int] = lambda: 0
        self._background = ThreadPoolExecutor(1, "background")
        self._tasks = [
            asyncio.create_task(self._save_often()),
            asyncio.create_task(self._sweep()),
        ]
        log.info("started", slot=held.name)

    async def _save_often(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(self._background, self.save)
            await asyncio.sleep(_SAVE_SECONDS)

    async def _sweep(self) -> None:
        loop, again = asyncio.get_running_loop(), _AGAIN_SECONDS
        while True:
            if await loop.run_in_executor(self._background, self._tidy):
                again = _AGAIN_SECONDS
                await asyncio.sleep(_SWEEP_SECONDS)
            else:
                await asyncio.sleep(again)
                again = min(2 * again, _SWEEP_SECONDS)

    def save(self) -> None:
        self.counts.queue, self.counts.oldest = self.commit.queued, self.commit.oldest_age
        self.counts.connections = self.connections()
        metrics.save(self.counts, self._file)

    def _tidy(self) -> bool:
        """Journals that a dead process left, and bodies kept long enough; whether all went well."""
        recovered, swept = self._tried(self._recover), self._tried(self._quarantine.sweep)
        return recovered and swept

    def _recover(self) -> bool:
        names = slot.with_journals(self._landing, self.settings.slot_host)
        sealed = [self._tried(self._seal, name) for name in names]
        return all(sealed)

    def _seal(self, name: str) -> None:
        for held in slot.if_free(self._landing, name):
            rows = seal.seal_all(held, self._keep)
            log.info("recovered", slot=name, rows=rows)

    def _tried(self, work: Callable[..., object], *given: object) -> bool:
        """One that fails holds up no other."""
        try:
            return work(*given) is not False
        except OSError as error:
            log.error("tidy_failed", error=type(error).__name__)  # noqa: TRY400  a trace tells values
            return False

    async def close(self) -> None:
        """Seal, save the counts, let the slot go."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._background.shutdown()
        try:
            await self.commit.close()
        finally:
            self.save()
