"""A receiver in a process of its own on a free port of loopback, to simulate against."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

READY_SECONDS = 10


class ReceiverNotReady(RuntimeError):
    """The receiver ended or did not answer in time; the text names its log."""


@contextmanager
def receiver(command: Sequence[str], home: Path) -> Iterator[str]:
    """Run `command --port N` with HIRING_HOME and a new token; yields the webhook URL.

    On leaving it is asked to stop (SIGTERM) and waited for, so that all it landed is sealed.
    Raises ReceiverNotReady.
    """
    token, port, log = secrets.token_urlsafe(24), _free_port(), home / "receiver.log"
    environ = os.environ | {"HIRING_HOME": str(home), "HIRING_WEBHOOK_TOKENS": token}
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the caller's own command
            [*command, "--port", str(port)], env=environ, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process, log)
            yield f"http://127.0.0.1:{port}/webhooks/occupop/{token}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise ReceiverNotReady(f"the receiver is not ready: see {log}")
