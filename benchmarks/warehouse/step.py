"""Builds and publishes the raw tables of a home, timed: `full HOME` or `more HOME`.

`more` is a run in a process that has run before, as the worker's: a build of nothing new, then
the waiting events are loaded, and their build and publication are timed. Prints JSON.
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
from pipelines.summary import Summary
from pipelines.sync import load
from warehouse.build import build
from warehouse.publish import publish


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """(wall seconds, CPU seconds of all threads, what it returned)."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    return time.perf_counter() - wall, time.process_time() - cpu, done


def main(what: str, home: Path) -> None:
    settings = Settings(home=home)
    if what == "more":
        build(settings)
        load(settings, Summary(), lambda _: None)
    built = timed(lambda: build(settings, full_refresh=what == "full"))
    published = timed(lambda: publish(settings))
    steps = {"built": built[:2], "published": published[:2]}
    print(json.dumps({"steps": steps, "parts": built[2].seconds}))  # type: ignore[attr-defined]


if __name__ == "__main__":
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
    main(sys.argv[1], Path(sys.argv[2]))
