"""How long the disk takes for what the journal does: an append and fdatasync."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from time import perf_counter

_FLUSHES = 400
_BYTES = 48 << 10  # some thirty events


@dataclass(frozen=True)
class Disk:
    """fdatasync in ms."""

    p50: float
    p99: float


def probe() -> Disk:
    """Append and fdatasync, one after the other, where the servers write, and nothing beside."""
    taken = []
    with tempfile.TemporaryFile(prefix="hiring-bench-") as file:
        for _ in range(_FLUSHES):
            os.write(file.fileno(), os.urandom(_BYTES))
            start = perf_counter()
            os.fdatasync(file.fileno())
            taken.append(1000 * (perf_counter() - start))
    taken.sort()
    return Disk(taken[_FLUSHES // 2], taken[_FLUSHES * 99 // 100])
