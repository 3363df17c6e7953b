"""Power cuts and kills at random moments under load, each followed by an audit."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.campaign.audit import Verdict, audit
from benchmarks.campaign.disk import Disk
from benchmarks.campaign.sender import Sender, Sent
from benchmarks.campaign.serving import BUSY, Serving
from contract.landing import Landing

Crash = Callable[[Serving, Sender | None], None]


def cuts(folder: Path, seeds: range, prefix: tuple[str, ...] = ()) -> Iterator[Verdict]:
    """One power cut a seed, two workers; every third recovery loses its power as well."""
    with Disk(folder) as disk:

        def crash(serving: Serving, sender: Sender | None) -> None:
            if sender:
                sender.go_deaf()
            disk.cut()
            serving.kill()
            disk.back()

        for seed in seeds:
            yield _trial(disk.mount / f"home-{seed}", seed, crash, prefix)


def kills(folder: Path, seeds: range) -> Iterator[Verdict]:
    """One SIGKILL of all processes a seed; every third recovery is killed as well."""
    folder.mkdir(parents=True, exist_ok=True)

    def crash(serving: Serving, _: Sender | None) -> None:
        serving.kill()

    for seed in seeds:
        yield _trial(folder / f"home-{seed}", seed, crash, ())


def _trial(home: Path, seed: int, crash: Crash, prefix: tuple[str, ...]) -> Verdict:
    chance = random.Random(seed)  # noqa: S311  a repeatable trial, not a secret
    with Serving(home, prefix=prefix, **BUSY) as serving:
        sent = asyncio.run(_load(serving, chance, seed, crash))
    if chance.random() < 1 / 3:
        with Serving(home, prefix=prefix, **BUSY) as again:
            time.sleep(chance.uniform(0, 0.3))
            crash(again, None)
    with Serving(home, prefix=prefix, **BUSY) as last:
        _wait_until_sealed(home)
        if last.stop() != 0:
            raise RuntimeError(f"the recovery failed: {last.log.read_text()[-800:]}")
    verdict = audit(home, sent)
    if verdict.good:
        shutil.rmtree(home)
        last.log.unlink()
    return verdict


def _wait_until_sealed(home: Path, seconds: float = 60.0) -> None:
    """One worker answers before the other is up, and each seals its own slot."""
    end = time.monotonic() + seconds
    while any(Landing(home).journals.glob("*.journal")) and time.monotonic() < end:
        time.sleep(0.05)


async def _load(serving: Serving, chance: random.Random, seed: int, crash: Crash) -> Sent:
    sender = Sender(serving.port, serving.path, seed)
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(chance.uniform(0.1, 1.2))
    await asyncio.to_thread(crash, serving, sender)
    sender.stop()
    await running
    return sender.result
