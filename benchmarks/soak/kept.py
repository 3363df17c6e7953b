"""A command kept alive as its systemd unit in deploy/ has it: started again whenever it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

UNITS = Path("deploy/systemd")


class Kept:
    """`hiring ARGUMENTS` in a session of its own; `started_at` is of the present process."""

    def __init__(self, unit: str, arguments: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self._pause = restart_seconds(UNITS / f"{unit}.service")
        self._command = [sys.executable, "-m", "hiring", *arguments]
        self._environ = {**environ, "PYTHONPATH": str(Path.cwd())}
        self._folder = Path(environ["HIRING_HOME"]).parent
        self._log = self._folder / f"{unit}.log"
        self._stopping = False
        self.restarts = 0
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            self.started_at = time.time()
            return subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environ,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while True:
            self.process.wait()
            self._kill_group()  # what systemd does with the rest of a unit
            if self._stopping:
                return
            time.sleep(self._pause)
            if self._stopping:
                return
            self.restarts += 1
            self.process = self._start()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def reload(self) -> None:
        """As `systemctl reload` of the receiver."""
        self.process.send_signal(signal.SIGHUP)
        self.started_at = time.time()

    def kill(self) -> None:
        """SIGKILL to all its processes at one blow; it is started again."""
        self._kill_group()

    def stop(self) -> int:
        """As `systemctl stop`; the exit code. Harmless when it is stopped already."""
        self._stopping = True
        with suppress(ProcessLookupError):
            self.process.terminate()
        self._keeper.join(300)
        return self.process.wait(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def restart_seconds(unit: Path) -> float:
    found = re.search(r"^RestartSec=(\d+)", unit.read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"{unit} has no RestartSec")
    return float(found[1])
