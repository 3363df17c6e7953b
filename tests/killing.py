"""A process that kills itself at its nth change of the disk."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection
from typing import Any


def die_at(number: int, changes: Collection[str]) -> None:
    """Have this process killed at its nth event of these kinds (names of audit events)."""
    left = number

    def kill(event: str, _: tuple[Any, ...]) -> None:
        nonlocal left
        if event in changes:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
