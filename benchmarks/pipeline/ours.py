"""Our way, whole processes. Prints one JSON object: seconds by step, and what it touched.

python -m benchmarks.pipeline.ours raw|sync|refresh|worker HOME

raw: landing zone to raw tables; sync: built and published too; refresh: all of it anew; worker:
sync as `hiring worker` runs it, in a child of a process that is warm.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.soak.memory import Sampler
from contract.settings import Settings
from pipelines.summary import Summary

_SAMPLED = 1.0  # seconds between looks at memory, each of which stops the process
_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def raw(home: Path) -> Summary:
    from pipelines.load import load

    summary = Summary()
    load(Settings(home=home), summary, lambda _: None)
    return summary


def sync(home: Path, *, full_refresh: bool = False, is_cold: bool = True) -> Summary:
    from stages import run_sync

    return run_sync(Settings(home=home), lambda _: None, full_refresh, is_cold=is_cold)


def measured(run: Callable[[], Summary], *, is_one_process: bool = False) -> dict[str, Any]:
    """Run it. Of its processes together: CPU seconds, peak memory (proportional, sampled; of one
    process resident, as the system counts it), bytes written to disk, and names of files listed
    below the home."""
    memory = Sampler({"run": os.getpid}, threading.TIMEOUT_MAX if is_one_process else _SAMPLED)
    with tempfile.TemporaryFile() as listed:
        where = [listed.fileno()]
        sys.addaudithook(lambda event, given: _note(where, event, given))
        start, before = time.perf_counter(), _used()
        memory.start()
        summary = run()
        seconds = time.perf_counter() - start
        memory.stop()
        used = [after - one for after, one in zip(_used(), before, strict=True)]
        where.clear()  # a hook can't be taken back
        listed.seek(0)
        folders = [Path(line.decode().rstrip("\n")) for line in listed.readlines()]
    return {
        "seconds": round(seconds, 2),
        "cpu": round(used[0], 2),
        "steps": summary.seconds,
        "peak_mb": round(max([_largest(), *(one.pss for one in memory.samples["run"])]) / 1e6),
        "written_mb": round(used[1] / 1e6, 1),
        "listed": sum(1 for one in folders if one.is_dir() for _ in one.iterdir()),
    }


def _note(where: list[int], event: str, given: tuple[Any, ...]) -> None:
    """Children write into the same file."""
    if where and event in ("os.listdir", "os.scandir") and "/landing" in str(given[0]):
        os.write(where[0], f"{given[0]}\n".encode())


def _used() -> tuple[float, int]:
    """CPU seconds and bytes written, of this process and of children that ended."""
    usages = [resource.getrusage(who) for who in _PROCESSES]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return cpu, 512 * sum(usage.ru_oublock for usage in usages)


def _largest() -> int:
    """Peak resident memory in bytes of the largest of them."""
    return 1024 * max(resource.getrusage(who).ru_maxrss for who in _PROCESSES)


def in_worker(home: Path) -> None:
    """As `hiring worker` does it: it warms up, then a child runs."""
    from pipelines.child import in_child
    from stages import warm_up

    warm_up(Settings(home=home))
    in_child(lambda: print(json.dumps(measured(lambda: sync(home, is_cold=False))), flush=True))()


def main(what: str, home: Path) -> None:
    if what == "worker":
        in_worker(home)
        return
    runs = {
        "raw": lambda: raw(home),
        "sync": lambda: sync(home),
        "refresh": lambda: sync(home, full_refresh=True),
    }
    print(json.dumps(measured(runs[what], is_one_process=what == "raw")))


if __name__ == "__main__":
    atexit.register(gc.freeze)  # as hiring.py does it
    main(sys.argv[1], Path(sys.argv[2]))
