"""The scheduled form of runs: one long-lived process, one job at a time, imports kept warm.

Jobs are handed in by the command line. None overlaps another: they run in this thread, and a
run by hand holds the same lock, in which case the beat is left out.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import orjson
import structlog

from contract import durable
from contract.lock import LockHeld
from pipelines.rhythm import Rhythm
from pipelines.stop import Stop

JITTER = 0.1  # of an interval, so that many workers don't run in step
MOST_JITTER = 30.0
LONGEST_BACK_OFF = 900.0
GIVE_UP = 8
_NAP = 30.0  # a clock that is set is noticed within this time
log = structlog.get_logger("pipelines.worker")


@dataclass(frozen=True)
class Job:
    """What is run, and when. run raises what it likes; only the class of it is noted."""

    name: str
    rhythm: Rhythm
    run: Callable[[], object]


@dataclass
class Note:
    """What is known of a job, in state/worker.json. Times are ISO 8601, UTC."""

    runs: int = 0
    failures: int = 0
    failures_in_a_row: int = 0
    skipped: int = 0
    last_seconds: float = 0.0
    last_ok_at: str | None = None
    last_error: str | None = None
    next_at: str | None = None


@dataclass
class _Planned:
    job: Job
    anchor: float
    due: float
    note: Note = field(default_factory=Note)


def work(
    jobs: Sequence[Job],
    *,
    stop: Stop,
    state: Path,
    jitter: float = JITTER,
    longest_back_off: float = LONGEST_BACK_OFF,
    give_up: int = GIVE_UP,
) -> bool:
    """Run jobs when they are due until `stop` is set; a job that has begun is finished.

    After a failure a job is tried again after its interval, then twice that, and so on up to
    `longest_back_off` seconds. Returns True when asked to stop; False when a job failed `give_up`
    times in a row, since a fresh process may help.
    """
    now = time.time()
    plan = [_Planned(j, now, now if j.rhythm.at_start else j.rhythm.next(now, now)) for j in jobs]
    started = datetime.now(UTC).isoformat()
    while not stop.is_set():
        one = min(plan, key=lambda planned: planned.due)
        wait = one.due - time.time()
        if wait > 0:
            stop.wait(min(wait, _NAP))
            continue
        _run(one)
        _plan_next(one, jitter, longest_back_off)
        _write(state, started, plan)
        if one.note.failures_in_a_row >= give_up:
            log.error("gives_up", job=one.job.name, failures=one.note.failures_in_a_row)
            return False
    return True


def _run(one: _Planned) -> None:
    note, begin = one.note, time.monotonic()
    try:
        one.job.run()
    except LockHeld:
        note.skipped += 1
        log.info("skipped", job=one.job.name, reason="another run holds the lock")
        return
    except Exception as error:
        note.failures += 1
        note.failures_in_a_row += 1
        note.last_error = getattr(error, "kind", type(error).__name__)
        # The text of an error may carry a value: its class is all that is told.
        log.error(  # noqa: TRY400
            "failed", job=one.job.name, error=note.last_error, in_a_row=note.failures_in_a_row
        )
    else:
        note.failures_in_a_row = 0
        note.last_ok_at = datetime.now(UTC).isoformat()
    note.runs += 1
    note.last_seconds = round(time.monotonic() - begin, 3)


def _plan_next(one: _Planned, jitter: float, longest_back_off: float) -> None:
    now, rhythm = time.time(), one.job.rhythm
    beat = rhythm.next(one.anchor, now)
    failures = one.note.failures_in_a_row
    if failures:
        back_off = min(longest_back_off, rhythm.retry * 2.0 ** min(failures - 1, 30))
        beat = now + back_off if not rhythm.at_start else max(beat, now + back_off)
    spread = min(MOST_JITTER, jitter * (beat - now))
    one.due = beat + random.uniform(0, spread)  # noqa: S311 - no secret
    one.note.next_at = datetime.fromtimestamp(one.due, UTC).isoformat()


def _write(state: Path, started: str, plan: Sequence[_Planned]) -> None:
    """Note how jobs do, for status and alerts. A full disk is no reason to stop."""
    note = {
        "pid": os.getpid(),
        "started_at": started,
        "at": datetime.now(UTC).isoformat(),
        "jobs": {one.job.name: asdict(one.note) for one in plan},
    }
    try:
        durable.write(state / "worker.json", [orjson.dumps(note, option=orjson.OPT_INDENT_2)])
    except OSError as error:
        log.warning("not_noted", error=type(error).__name__)


@contextmanager
def stops_on_signals(stop: Stop) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`; a second one ends the process at once. Main thread only."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)

    for number in numbers:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
