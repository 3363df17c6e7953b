"""A receiver process and its workers, to be started, asked to stop, or killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Self

TOKEN = "token-of-the-campaign-1"  # noqa: S105  it opens nothing but loopback
ADMIN = "admin-of-the-campaign-1"
# Seals all the time, so that a cut or a kill falls into every window of it.
BUSY = {"seal_seconds": "0.15", "seal_bytes": "200000"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def reachable(port: int) -> None:
    """Wait until something answers there. Raises RuntimeError."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


class Serving:
    """`prefix` goes before the command (eatmydata, fiu-run); options are settings."""

    def __init__(
        self,
        home: Path,
        *,
        workers: int = 2,
        prefix: tuple[str, ...] = (),
        port: int = 0,
        log: Path | None = None,
        **options: str,
    ) -> None:
        self.port = port or free_port()
        options = {"webhook_tokens": f"main={TOKEN}", "admin_token": ADMIN, **options}
        arguments = [str(home), str(self.port), str(workers)]
        arguments += [f"{name}={value}" for name, value in options.items()]
        self.log = log or home.parent / f"{home.name}.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "benchmarks.campaign.serve", *arguments],
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            )

    @property
    def path(self) -> str:
        return f"/webhooks/occupop/{TOKEN}"

    def answers(self) -> bool:
        with suppress(OSError):
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        return False

    def wait(self, seconds: float = 30.0) -> float:
        """Until it answers; the seconds that took. Raises RuntimeError when it died or hung."""
        start = time.monotonic()
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - start > seconds:
                raise RuntimeError(f"the receiver did not start: {self.log.read_text()[-800:]}")
            time.sleep(0.02)
        return time.monotonic() - start

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def __enter__(self) -> Self:
        """Serving; killed at the end of the block if it still is."""
        try:
            self.wait()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group at one blow."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
