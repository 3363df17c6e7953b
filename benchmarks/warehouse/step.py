"""Builds and publishes the raw tables of a home, timed: `full HOME` or `more HOME`.

`more` is a run of `hiring worker`: in a child of a process that is warm the waiting events are
loaded, and their build and publication are timed. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas  # noqa: F401  imports are no part of the steps

from contract.settings import Settings
from pipelines.child import in_child
from pipelines.load import load
from pipelines.summary import Summary
from warehouse.build import build, warm
from warehouse.publish import publish


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """(wall seconds, CPU seconds of all threads, what it returned)."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    return time.perf_counter() - wall, time.process_time() - cpu, done


def main(what: str, home: Path) -> None:
    settings = Settings(home=home)
    if what == "more":
        warm(settings)
        in_child(lambda: _measure(settings, load_first=True))()
    else:
        _measure(settings, full_refresh=True)


def _measure(settings: Settings, *, load_first: bool = False, full_refresh: bool = False) -> None:
    if load_first:
        load(settings, Summary(), lambda _: None)
    built = timed(lambda: build(settings, full_refresh=full_refresh))
    published = timed(lambda: publish(settings))
    steps = {"built": built[:2], "published": published[:2]}
    print(json.dumps({"steps": steps, "parts": built[2].seconds}), flush=True)  # type: ignore[attr-defined]


if __name__ == "__main__":
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
    main(sys.argv[1], Path(sys.argv[2]))
