"""Several workers on one socket: started, watched, restarted one by one, stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from multiprocessing.connection import Connection
from types import FrameType

import structlog

from contract.settings import Settings
from receiver import logs

_TICK_SECONDS = 0.2
_READY_SECONDS = 20.0
_BACKOFF_SECONDS = 1.0
log = structlog.get_logger("receiver.supervisor")


def supervise(
    settings: Settings, listener: socket.socket, workers: int, *, insecure_no_auth: bool
) -> int:
    """Run workers until SIGTERM or SIGINT; a worker that dies is replaced.

    Returns 0, or 1 when the first workers don't come up. SIGHUP replaces them one by one, the
    new one before the old.
    """
    house = _House(settings, listener, insecure_no_auth)
    before = {
        number: signal.signal(number, house.note)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        return house.run(workers)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Child:
    """A worker process. It ends by itself when the pipe to its parent breaks."""

    def __init__(self, settings: Settings, listener: socket.socket, insecure: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(settings, listener, insecure, other))
        self.process.start()
        other.close()

    def ready(self) -> bool:
        """Wait until the worker serves; False when it died or took too long."""
        return self._pipe.poll(_READY_SECONDS) and self._said_ready()

    def _said_ready(self) -> bool:
        try:
            return bool(self._pipe.recv())
        except EOFError:
            return False

    def stop(self) -> int | None:
        """Let it finish; its exit code."""
        if self.process.is_alive():
            self.process.terminate()
        self.process.join()
        self._pipe.close()
        return self.process.exitcode


class _House:
    def __init__(self, settings: Settings, listener: socket.socket, insecure: bool) -> None:
        self._arguments = (settings, listener, insecure)
        self._children: list[_Child] = []
        self._stop = self._restart = False

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Signal handler."""
        if number == signal.SIGHUP:
            self._restart = True
        else:
            self._stop = True

    def run(self, workers: int) -> int:
        self._children = [_Child(*self._arguments) for _ in range(workers)]
        ready = [child.ready() for child in self._children]
        failed = not all(ready) and not self._stop
        if not failed:
            log.info("ready", workers=workers)
            self._watch()
        for child in self._children:
            if child.process.is_alive():
                child.process.terminate()
        codes = [child.stop() for child in self._children]
        # A worker that is stopped before it has anything open dies of the signal itself.
        return 1 if failed or any(code not in (0, -signal.SIGTERM) for code in codes) else 0

    def _watch(self) -> None:
        while not self._stop:
            time.sleep(_TICK_SECONDS)
            if self._restart:
                self._restart = False
                self._replace_all()
            for number, child in enumerate(self._children):
                if not child.process.is_alive() and not self._stop:
                    log.error("worker_died", code=child.stop())
                    time.sleep(_BACKOFF_SECONDS)
                    self._children[number] = _Child(*self._arguments)

    def _replace_all(self) -> None:
        for number, old in enumerate(self._children):
            new = _Child(*self._arguments)
            if self._stop or not new.ready():
                new.stop()
                log.error("restart_failed")
                return
            old.stop()
            self._children[number] = new
        log.info("restarted", workers=len(self._children))


def _work(settings: Settings, listener: socket.socket, insecure: bool, pipe: Connection) -> None:
    from receiver.server import run

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal sends it to all of the group
    logs.configure(settings.log_level)
    threading.Thread(target=_follow, args=(pipe,), daemon=True).start()
    sys.exit(
        run(
            settings,
            listener,
            insecure_no_auth=insecure,
            on_ready=lambda: pipe.send(True),
        )
    )


def _follow(pipe: Connection) -> None:
    """Die with the parent, however it died: nobody would stop this worker otherwise."""
    try:
        pipe.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)
