"""Ships beside a receiver, in a process of its own: ingest never waits for a store."""

from __future__ import annotations

import multiprocessing
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import monotonic

import structlog

from contract.settings import Settings
from shipping.ship import ship
from shipping.store import Store

_LOOK_SECONDS = 1.0  # between looks at the outbox
_LONGEST_BACK_OFF = 60.0
_MOST_DOUBLINGS = 10
_RESTART_SECONDS = 1.0
_GRACE_SECONDS = 5.0
_LAST_SECONDS = 10.0  # of the pass at the end; what is left goes with the next start
log = structlog.get_logger("shipping")


@contextmanager
def beside(settings: Settings, configure: Callable[[], object]) -> Iterator[None]:
    """Ship while the block runs, then once more. configure: called in the process first.

    A shipper that dies is started again. Without HIRING_LANDING_URL nothing is done.
    """
    if settings.landing_url is None:
        yield
        return
    keeper = _Keeper(settings, configure)
    keeper.thread.start()
    try:
        yield
    finally:
        keeper.end()


class _Keeper:
    """Starts the process and sleeps until it ends."""

    def __init__(self, settings: Settings, configure: Callable[[], object]) -> None:
        self._arguments = (settings, configure)
        self._stop = threading.Event()
        self._pipe: Connection | None = None
        self._process: BaseProcess | None = None
        self.thread = threading.Thread(target=self._keep, name="shipper")

    def _keep(self) -> None:
        context = multiprocessing.get_context("spawn")
        while not self._stop.is_set():
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_follow, args=(*self._arguments, theirs))
            self._process.start()
            theirs.close()
            if self._stop.is_set():
                self._pipe.close()
            self._process.join()
            if not self._stop.is_set():
                log.error("shipper_died", code=self._process.exitcode)
                self._stop.wait(_RESTART_SECONDS)

    def end(self) -> None:
        """The process sees its pipe close, ships what the receiver sealed last, and ends."""
        self._stop.set()
        if self._pipe:
            self._pipe.close()
        self.thread.join(_LAST_SECONDS + _GRACE_SECONDS)
        if self.thread.is_alive() and self._process:
            self._process.kill()  # the store hangs; what waits is shipped after the next start
        self.thread.join()


def _follow(settings: Settings, configure: Callable[[], object], parent: Connection) -> None:
    """In the process. It ends with its parent, however that ends, and not by a signal to all of
    the group: the receiver seals its last batch after one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    configure()
    store, end, failures = Store(settings), _End(parent), 0
    while not end.has_come:
        pause = min(_LONGEST_BACK_OFF, _LOOK_SECONDS * 2.0**failures)
        end.wait(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
        try:
            done = ship(settings, store, end.is_over)
            failures = 0
            if done.batches:
                log.info("shipped", batches=done.batches, events=done.events, bytes=done.bytes)
        except Exception as error:
            failures = min(failures + 1, _MOST_DOUBLINGS)
            # The text of an error may carry a value: its class is all that is told.
            log.warning("ship_failed", error=getattr(error, "kind", type(error).__name__))


class _End:
    """The end of the parent, and of the time that is left then."""

    def __init__(self, parent: Connection) -> None:
        self._parent, self._until = parent, float("inf")

    @property
    def has_come(self) -> bool:
        return self._until < float("inf")

    def wait(self, seconds: float) -> None:
        """Until the end comes, or for so long."""
        if not self.has_come and self._parent.poll(seconds):
            self._until = monotonic() + _LAST_SECONDS

    def is_over(self) -> bool:
        self.wait(0)
        return monotonic() > self._until
