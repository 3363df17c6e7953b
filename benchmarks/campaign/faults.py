"""Failing system calls, injected by libfiu into a running receiver (Debian: fiu-utils)."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.campaign.audit import Verdict, audit
from benchmarks.campaign.sender import Sender, post
from benchmarks.campaign.serving import BUSY, Serving

_EIO, _ENOSPC, _EMFILE = 5, 28, 24
_ANSWERED = {200, 503}


@dataclass(frozen=True)
class Fault:
    """`ends`: the process must end, with an error; else it must go on by itself afterwards."""

    point: str
    error: int
    probability: float
    ends: bool = False


FAULTS = (
    Fault("posix/io/sync/fdatasync", _EIO, 0.02, ends=True),
    Fault("posix/io/sync/fsync", _EIO, 0.2, ends=True),
    Fault("posix/io/rw/write", _ENOSPC, 0.05),
    Fault("posix/io/rw/write/reduce", 0, 0.5),
    Fault("posix/io/rw/write", _EIO, 0.02, ends=True),
    Fault("posix/io/dir/rename", _EIO, 0.5),
    Fault("posix/io/dir/unlink", _EIO, 0.5),
    Fault("posix/io/oc/open", _EMFILE, 0.2),
    Fault("posix/io/rw/pread", _EIO, 0.05),
)


def faults(folder: Path, seeds: range) -> Iterator[Verdict]:
    """One fault a seed, in turn; then a clean start and the audit."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        yield _trial(folder / f"home-{seed}", seed, FAULTS[seed % len(FAULTS)])


def _trial(home: Path, seed: int, fault: Fault) -> Verdict:
    pipes = home.parent / "fiu"
    prefix = ("fiu-run", "-x", "-f", str(pipes))
    with Serving(home, workers=1, prefix=prefix, loop="asyncio", **BUSY) as serving:
        sender = Sender(serving.port, serving.path, seed)
        went_on = asyncio.run(_load(serving, sender, pipes, fault))
        code = serving.stop()
    with Serving(home, workers=1, **BUSY) as last:
        if last.stop() != 0:
            raise RuntimeError(f"the recovery failed: {last.log.read_text()[-800:]}")
    verdict = audit(home, sender.result)
    behaved = code != 0 if fault.ends else (went_on and code == 0)
    odd = set(sender.result.statuses) - _ANSWERED
    if not behaved or odd:
        print(f"{fault}: exit code {code}, went on: {went_on}, statuses {sender.result.statuses}")
        return Verdict(verdict.acked, verdict.landed, verdict.lost, verdict.wrong + 1)
    if verdict.good:
        shutil.rmtree(home)
        last.log.unlink()
    return verdict


async def _load(serving: Serving, sender: Sender, pipes: Path, fault: Fault) -> bool:
    """Load with the fault on, then off; whether it took events again after that."""
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(0.3)
    failure = f"name={fault.point},probability={fault.probability},failinfo={fault.error}"
    await _control(pipes, f"enable_random {failure}")
    end = time.monotonic() + (8 if fault.ends else random.Random(fault.point).uniform(0.8, 1.5))  # noqa: S311
    while time.monotonic() < end and serving.process.poll() is None:
        await asyncio.sleep(0.1)
    with suppress(OSError, subprocess.CalledProcessError):
        await _control(pipes, f"disable name={fault.point}")
    sender.stop()
    await running
    return serving.process.poll() is None and await _takes_events(serving, sender)


async def _control(pipes: Path, command: str) -> None:
    """Tell each process that has pipes; those of a dead one are in the way."""
    for pipe in sorted(pipes.parent.glob(f"{pipes.name}-*.in")):
        pid = pipe.name.removeprefix(f"{pipes.name}-").removesuffix(".in")
        if Path("/proc", pid).exists():
            control = ("fiu-ctrl", "-f", str(pipes), "-c", command, pid)
            await asyncio.to_thread(subprocess.run, control, check=True, timeout=5)
        else:
            pipe.unlink()


async def _takes_events(serving: Serving, sender: Sender) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    body = b'{"test":true}'
    status, _ = await post(reader, writer, serving.path, body)
    writer.close()
    return status == 200 and bool(sender.result.acked)
