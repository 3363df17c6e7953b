"""Memory of whole process trees over time, and how fast it grows. Linux: /proc."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 5.0
TEN_MINUTES = 600.0
_PROC = Path("/proc")


@dataclass(frozen=True)
class Sample:
    """Bytes of a tree: resident, and proportional: pages that are shared, with processes of
    others, too, count by share. at: epoch."""

    at: float
    processes: int
    rss: int
    pss: int


class Sampler(threading.Thread):
    """Samples trees by name every so many seconds until `stop`."""

    def __init__(self, roots: dict[str, Callable[[], int]], every: float = EVERY) -> None:
        super().__init__(daemon=True)
        self._roots, self._every = roots, every
        self._ended = threading.Event()
        self.samples: dict[str, list[Sample]] = {name: [] for name in roots}

    def run(self) -> None:
        while not self._ended.wait(self._every):
            for name, root in self._roots.items():
                found = sample(root())
                if found.processes:
                    self.samples[name].append(found)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def sample(root: int) -> Sample:
    sizes = [size for pid in tree(root) if (size := _sizes(pid))]
    return Sample(time.time(), len(sizes), sum(s[0] for s in sizes), sum(s[1] for s in sizes))


def tree(root: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield root
    with suppress(OSError):
        for task in (_PROC / str(root) / "task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def _sizes(pid: int) -> tuple[int, int] | None:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:  # it has ended
        return None
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in lines}
    return (sizes["Rss:"], sizes["Pss:"]) if "Rss:" in sizes else None


def slope(samples: Sequence[Sample], since: float) -> float | None:
    """Least squares of the resident size from `since` on, in bytes per ten minutes.

    None when there are fewer than three samples.
    """
    points = [(one.at, one.rss) for one in samples if one.at >= since]
    if len(points) < 3:
        return None
    mean_at = sum(at for at, _ in points) / len(points)
    mean_size = sum(size for _, size in points) / len(points)
    across = sum((at - mean_at) ** 2 for at, _ in points)
    along = sum((at - mean_at) * (size - mean_size) for at, size in points)
    return along / across * TEN_MINUTES
