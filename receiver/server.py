"""`hiring serve`: uvicorn with the receiver's limits, one process or several on one socket."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import cast

import structlog
import uvicorn

from contract.settings import Settings
from receiver import logs
from receiver.app import Receiver, create_app
from receiver.protocol import Config, LimitedProtocol
from receiver.supervisor import supervise

_GRACE_SECONDS = 20
_KEEP_ALIVE_SECONDS = 65
_SWEEP_TICKS = 5
_BUFFER_BYTES = 16 << 10
# uvloop takes one new connection a turn and listener. While thousands keep it busy a turn takes
# long, and whoever comes with a delivery would wait for as many turns as there are before him.
_LISTENERS = 8
# A thread that waits for the interpreter (after fdatasync) waits for as long as this.
_SWITCH_SECONDS = 0.0001
log = structlog.get_logger("receiver.server")


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    *,
    insecure_no_auth: bool = False,
) -> int:
    """Receive until SIGTERM or SIGINT; returns the exit code of the process.

    0: stopped as asked, all that was answered is sealed. 1: it could not start or landing is
    no longer durable, so a new process must read the disk again. SIGHUP restarts the workers
    one by one when there are several.
    Raises NoSecret, SettingsError, OSError (the address is taken).
    """
    create_app(settings, insecure_no_auth=insecure_no_auth)  # raises now, not in a worker
    logs.configure(settings.log_level)
    _raise_file_limit()
    with listen(host, port) as listener:
        log.info("listening", host=host, port=listener.getsockname()[1], workers=workers)
        if workers == 1:
            return run(settings, listener, insecure_no_auth=insecure_no_auth)
        return supervise(settings, listener, workers, insecure_no_auth=insecure_no_auth)


def run(
    settings: Settings,
    listener: socket.socket,
    *,
    insecure_no_auth: bool,
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """One worker in this process."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    app = create_app(settings, insecure_no_auth=insecure_no_auth)

    def ready() -> None:
        gc.freeze()  # what stands now stays: no collection looks at it while requests wait
        on_ready()

    server = Server(settings, app, ready)
    try:
        server.run([listener])
    except SystemExit:  # uvicorn's way of saying that the start failed
        return 1
    return 1 if server.failed or server.lifespan.should_exit else 0


class Server(uvicorn.Server):
    """Sweeps slow connections, ends when the journal is poisoned, and exits 0 when asked to."""

    def __init__(self, settings: Settings, app: Receiver, on_ready: Callable[[], None]) -> None:
        self.limits = Config(
            app,
            settings,
            lifespan="on",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(self.limits)
        self.failed = False
        self.app, self._on_ready = app, on_ready
        app.on_poison = self._poisoned

    def _poisoned(self) -> None:
        self.failed = self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([each for sock in sockets or () for each in shares(sock)])
        if worker := self.app.worker:
            self.limits.counts, self.limits.intake = worker.counts, worker.intake
            worker.connections = lambda: len(self.server_state.connections)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.limits.intake = None
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        if counter % _SWEEP_TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                cast("LimitedProtocol", connection).sweep(now)
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal again: an asked-for stop is a success."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    listener.set_inheritable(False)
    # The most that one read of one connection brings, and that waits unread (doubled by Linux).
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
    return listener


def shares(listener: socket.socket) -> list[socket.socket]:
    """The listener and as many duplicates of it as one loop listens on.

    All workers' share one open file, and a duplicate sets its mode to that of the socket object it
    is made of. One that came from a parent believes that it blocks: a worker that serves already
    would stop in `accept` until somebody else comes.
    """
    listener.setblocking(False)
    return [listener, *(listener.dup() for _ in range(_LISTENERS - 1))]


def _raise_file_limit() -> None:
    """Each connection is a descriptor; the usual soft limit of 1024 is too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
