"""A contender is a whole process: wall seconds, peak resident memory, and what it printed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    seconds: float
    cpu: float
    megabytes: float
    printed: str


def process(*arguments: str) -> Took:
    """Run a module of ours as a process of its own and wait for it."""
    start = time.perf_counter()
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        printed = running.stdout.read().strip()
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed")
    seconds, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    return Took(seconds, cpu, usage.ru_maxrss / 1024, printed)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
