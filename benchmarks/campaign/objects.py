"""An S3-compatible server on loopback (moto), behind a gate that can be shut, and can damage."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Self

import httpx

from benchmarks.campaign.serving import free_port

BUCKET = "landing"
_CHUNK = 1 << 16


class Gate:
    """Passes connections on to a port. Shut, it refuses and cuts them."""

    def __init__(self, target: int) -> None:
        self._target, self.port = target, free_port()
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.damages = False
        self.cut_after: int | None = None
        self.open()

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """No connection from here on; those that are open are cut."""
        if self._listener:
            with suppress(OSError):  # wakes the thread that accepts
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def open_again(self) -> None:
        if self._listener is None:
            self.open()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                ours, _ = listener.accept()
            except OSError:
                return
            theirs = socket.create_connection(("127.0.0.1", self._target))
            self._open += [ours, theirs]
            for pair in ((ours, theirs, True), (theirs, ours, False)):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                target.sendall(self._passed(data) if is_request else data)
                if is_request and b"PUT /" in data and self._is_cut():
                    self.shut()
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        source.close()  # the other way closes the target

    def _passed(self, data: bytes) -> bytes:
        """The last byte of a body is changed on its way, if so wished."""
        return data[:-1] + bytes([data[-1] ^ 1]) if self.damages and b"{" in data else data

    def _is_cut(self) -> bool:
        if self.cut_after is None:
            return False
        self.cut_after -= 1
        return self.cut_after < 0


class ObjectServer:
    """Use as a context. `settings`: what a home needs to ship to it, under a prefix of its own."""

    def __init__(self) -> None:
        self._port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        until = time.monotonic() + 60
        while not self._make_bucket():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("moto's server did not start: is it installed?")
            time.sleep(0.05)
        self.gate = Gate(self._port)
        return self

    def _make_bucket(self) -> bool:
        url = f"http://127.0.0.1:{self._port}/{BUCKET}"
        with suppress(httpx.HTTPError):
            answer = httpx.put(url, timeout=10, trust_env=False)
            return answer.is_success
        return False

    def settings(self, prefix: str) -> dict[str, str]:
        return {
            "landing_url": f"s3://{BUCKET}/{prefix}",
            "s3_endpoint": f"http://127.0.0.1:{self.gate.port}",
            "s3_key_id": "key",
            "s3_secret": "secret",
        }

    def __exit__(self, *_: object) -> None:
        self.gate.shut()
        self._process.kill()
        self._process.wait()
