"""One soak: what runs, what happens to it and when, and what was seen meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.campaign.serving import TOKEN, free_port
from benchmarks.soak.company import SEED, Stage
from benchmarks.soak.kept import Kept
from benchmarks.soak.lag import Follower
from benchmarks.soak.memory import Sample, Sampler, tree
from benchmarks.soak.reader import Reader
from simulator.deliver import deliver
from simulator.deliveries import Deliveries

READERS = 2
WORKER_EVERY = "10s"
LAST_BEATS = 25.0  # seconds in which the worker loads the last that came
# Share of the time at which something happens; what is started anew has the rest to settle.
RELOAD, KILL_WORKER, KILL_RECEIVER, FORGET = 0.10, 0.15, 0.20, 0.50


@dataclass
class Seen:
    """What a soak saw. settled: tree -> when its present process was started (epoch)."""

    sent: Deliveries
    forget: int | None
    restarts: dict[str, int]
    exits: dict[str, int]
    samples: dict[str, list[Sample]]
    settled: dict[str, float]
    follower: Follower
    readers: list[list[dict[str, Any]]]
    worker: dict[str, Any]


class Trial:
    """A fresh home under `folder` with everything running in it."""

    def __init__(self, folder: Path, minutes: float, rate: float) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.home, self.seconds, self.rate = folder / "home", minutes * 60, rate
        self.home.mkdir(mode=0o711)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HIRING_")}
        self.environ = clean | {
            "HIRING_HOME": str(self.home),
            "HIRING_WEBHOOK_TOKENS": f"main={TOKEN}",
            "HIRING_FREE_BYTES": "0",
        }
        self.port, self.begun = free_port(), time.time()
        self.forget_exit: int | None = None

    def run(self, stage: Stage) -> Seen:
        """Send all of the company, let things happen, stop, and sync what is left."""
        with ExitStack() as stack:
            return self._run(stage, stack)

    def _run(self, stage: Stage, stack: ExitStack) -> Seen:
        serve = ("serve", "--workers", "2", "--port", str(self.port))
        self.receiver = stack.enter_context(Kept("hiring-receiver", serve, self.environ))
        self._wait_for_receiver()
        beat = ("worker", "--every", WORKER_EVERY)
        self.worker = stack.enter_context(Kept("hiring-worker", beat, self.environ))
        readers = [stack.enter_context(Reader(self.home, n)) for n in range(READERS)]
        kept = {"receiver": self.receiver, "worker": self.worker}
        sampler = Sampler({name: (lambda one=one: one.process.pid) for name, one in kept.items()})
        follower, self.begun = Follower(self.home), time.time()
        for thread in (sampler, follower):
            thread.start()
        sent = self._send(stage)
        time.sleep(LAST_BEATS)
        sampler.stop()
        worker = json.loads((self.home / "state" / "worker.json").read_bytes())
        exits = {name: one.stop() for name, one in kept.items()}
        exits["last sync"] = self.hiring("sync").returncode
        time.sleep(2)  # readers see it
        follower.stop()
        return Seen(
            sent,
            self.forget_exit,
            {name: one.restarts for name, one in kept.items()},
            exits,
            sampler.samples,
            {name: one.started_at for name, one in kept.items()},
            follower,
            [reader.stop() for reader in readers],
            worker,
        )

    def _send(self, stage: Stage) -> Deliveries:
        happenings = threading.Thread(target=self._happen, args=(stage,), daemon=True)
        happenings.start()
        url = f"http://127.0.0.1:{self.port}/webhooks/occupop/{TOKEN}"
        sent = deliver(stage.company, url, rate=self.rate, seed=SEED)
        happenings.join()
        return sent

    def hiring(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hiring", *arguments]
        environ = {**self.environ, "PYTHONPATH": str(Path.cwd())}
        return subprocess.run(
            command, env=environ, cwd=self.home.parent, capture_output=True, text=True
        )

    def _happen(self, stage: Stage) -> None:
        for share, name, happening in (
            (RELOAD, "the receiver is reloaded", self.receiver.reload),
            (KILL_WORKER, "the worker is killed in a run", self._kill_worker),
            (KILL_RECEIVER, "the receiver is killed", self.receiver.kill),
            (FORGET, "people are forgotten", lambda: self._forget(stage)),
        ):
            time.sleep(max(0.0, self.begun + share * self.seconds - time.time()))
            self._tell(name)
            happening()

    def _kill_worker(self) -> None:
        """In the middle of a run, when there is one within a beat or two."""
        end = time.time() + 30
        while time.time() < end and sum(1 for _ in tree(self.worker.process.pid)) < 2:
            time.sleep(0.05)
        time.sleep(0.5)
        self.worker.kill()

    def _forget(self, stage: Stage) -> None:
        names = self.home.parent / "forget.txt"
        names.write_text("\n".join(stage.forgotten))
        done = self.hiring("forget", "--file", str(names))
        self.forget_exit = done.returncode
        self._tell(done.stdout[-600:] + done.stderr[-300:] if done.returncode else "they are")

    def _tell(self, what: str) -> None:
        print(f"{time.time() - self.begun:7.1f} s  {what}", flush=True)

    def _wait_for_receiver(self) -> None:
        end = time.time() + 30
        while not self._answers():
            if time.time() > end:
                raise TimeoutError("the receiver did not start: see its log")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with suppress(OSError):
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        return False
