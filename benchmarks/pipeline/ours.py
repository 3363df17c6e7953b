"""Our way, whole processes. Prints one JSON object: seconds by step, and what it touched.

python -m benchmarks.pipeline.ours raw|sync|refresh|worker HOME

raw: landing zone to raw tables; sync: built and published too; refresh: all of it anew; worker:
sync as `hiring worker` runs it, in a child of a process that is warm.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.settings import Settings
from pipelines.summary import Summary


def raw(home: Path) -> Summary:
    from pipelines.sync import load

    summary = Summary()
    load(Settings(home=home), summary, lambda _: None)
    return summary


def sync(home: Path, *, full_refresh: bool = False) -> Summary:
    from stages import run_sync

    return run_sync(Settings(home=home), lambda _: None, full_refresh)


def measured(run: Callable[[], Summary]) -> dict[str, Any]:
    """Run it, and count bytes written to disk and names of files listed below the home."""
    listed: list[str] = []
    sys.addaudithook(
        lambda event, given: (
            listed.append(str(given[0])) if event in ("os.listdir", "os.scandir") else None
        )
    )
    start, cpu, written = time.perf_counter(), time.process_time(), _written()
    summary = run()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    written = _written() - written
    home = [folder for folder in tuple(listed) if "/landing" in folder and Path(folder).is_dir()]
    return {
        "seconds": round(seconds, 2),
        "cpu": round(cpu, 2),
        "steps": summary.seconds,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "written_mb": round(written / 1e6, 1),
        "listed": sum(1 for folder in home for _ in Path(folder).iterdir()),
    }


def _written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("write_bytes")).split()[1])


def in_worker(home: Path) -> None:
    """As `hiring worker` does it: it warms up, then a child runs."""
    from pipelines.child import in_child
    from stages import warm_up

    warm_up(Settings(home=home))
    in_child(lambda: print(json.dumps(measured(lambda: sync(home))), flush=True))()


def main(what: str, home: Path) -> None:
    if what == "worker":
        in_worker(home)
        return
    runs = {
        "raw": lambda: raw(home),
        "sync": lambda: sync(home),
        "refresh": lambda: sync(home, full_refresh=True),
    }
    print(json.dumps(measured(runs[what])))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
