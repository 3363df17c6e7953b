"""Two receiving hosts ship into one zone, while the store goes away and processes are killed."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import stages
from benchmarks.campaign.audit import Verdict, audit, lost_from_quarantine
from benchmarks.campaign.objects import ObjectServer
from benchmarks.campaign.sender import Sender, Sent
from benchmarks.campaign.serving import BUSY, Serving, free_port
from contract import lock
from contract.mirror import Mirror
from contract.outbox import Outbox
from contract.settings import Settings
from shipping.audit import audit as compare
from shipping.store import Store

HOSTS = ("a", "b")
OUTAGE = 600.0
_CAUGHT_UP = 300.0


@dataclass(frozen=True)
class Plan:
    """Seconds before, of and after the outage; deliveries a second and host; how it seals."""

    before: float
    outage: float
    after: float
    rate: float | None
    kills: int
    options: dict[str, str]


class Host:
    """A receiver with its shipper; what it is sent goes on to the next process of its home."""

    def __init__(self, folder: Path, name: str, given: dict[str, str], plan: Plan) -> None:
        self.home, self._port = folder / name, free_port()
        self._options = {**given, **plan.options, "slot_host": name}
        self.settings = Settings.model_validate({"home": self.home, **given, "slot_host": name})
        self.start()

    def start(self) -> None:
        self.serving = Serving(self.home, workers=1, port=self._port, **self._options)
        self.serving.wait()

    def kill(self) -> None:
        """The receiver and its shipper at one blow; both come back."""
        self.serving.kill()
        self.start()

    def kill_shipper(self) -> None:
        """The receiver starts another."""
        for path in Path(f"/proc/{self.serving.process.pid}/task").glob("*/children"):
            for pid in path.read_text().split():
                with suppress(OSError):
                    if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(int(pid), signal.SIGKILL)

    def stop(self) -> None:
        if self.serving.stop() != 0:
            raise RuntimeError(f"it did not stop well: {self.serving.log.read_text()[-800:]}")

    @property
    def waiting(self) -> int:
        return Outbox.read(self.home, self.settings.state).batches


def store(folder: Path, seeds: range) -> Iterator[Verdict]:
    """An outage of a second or so, and three kills, under as much load as there is time for."""
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311  a repeatable trial, not a secret
        plan = Plan(
            chance.uniform(0.3, 1.0), chance.uniform(0.3, 2.0), chance.uniform(0.3, 1.5),
            rate=200.0, kills=3, options=BUSY,
        )  # fmt: skip
        yield _trial(folder, seed, plan, chance)


def outage(folder: Path, seeds: range) -> Iterator[Verdict]:
    """Ten minutes without the store, at 25 deliveries a second and host; twelve kills."""
    for seed in seeds:
        plan = Plan(20.0, OUTAGE, 20.0, rate=25.0, kills=12, options={})
        yield _trial(folder, seed, plan, random.Random(seed))  # noqa: S311


def _trial(folder: Path, seed: int, plan: Plan, chance: random.Random) -> Verdict:
    place = folder / f"zone-{seed}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with ObjectServer() as server:
        given = server.settings(f"zone-{seed}")
        hosts = [Host(place, name, given, plan) for name in HOSTS]
        try:
            sent = asyncio.run(_load(hosts, server, seed, plan, chance))
            _catch_up(hosts)
        finally:
            server.gate.open_again()
            for host in hosts:
                host.stop()
        verdict = _judge(place / "reader", given, hosts, sent)
    if verdict.good:
        shutil.rmtree(place)
    return verdict


async def _load(
    hosts: list[Host], server: ObjectServer, seed: int, plan: Plan, chance: random.Random
) -> list[Sent]:
    path = hosts[0].serving.path
    senders = [
        Sender(host.serving.port, path, seed * 10 + number, 8, rate=plan.rate, name=host.home.name)
        for number, host in enumerate(hosts)
    ]
    running = [asyncio.create_task(sender.run()) for sender in senders]
    span = plan.before + plan.outage + plan.after
    moments: list[tuple[float, Callable[[], None]]] = [
        (plan.before, server.gate.shut),
        (plan.before + plan.outage, server.gate.open_again),
    ]
    for _ in range(plan.kills):
        host = chance.choice(hosts)
        kill = chance.choice((host.kill, host.kill_shipper))
        moments.append((chance.uniform(0, span), kill))
    begun = time.monotonic()
    for moment, act in sorted(moments, key=lambda one: one[0]):
        await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
        await asyncio.to_thread(act)
    await asyncio.sleep(max(0.0, begun + span - time.monotonic()))
    for sender in senders:
        sender.stop()
    await asyncio.gather(*running)
    return [sender.result for sender in senders]


def _catch_up(hosts: list[Host]) -> None:
    """Until nothing waits, without a hand. Raises RuntimeError when that takes too long."""
    begun, most = time.monotonic(), max(host.waiting for host in hosts)
    while any(host.waiting for host in hosts):
        if time.monotonic() - begun > _CAUGHT_UP:
            raise RuntimeError("the hosts did not catch up")
        time.sleep(0.1)
    print(f"caught up with {most} batches in {time.monotonic() - begun:.1f} s", flush=True)


def _judge(reader: Path, given: dict[str, str], hosts: list[Host], sent: list[Sent]) -> Verdict:
    settings = Settings.model_validate({"home": reader, **given})
    with lock.held(settings.state / "sync.lock", "campaign"):
        stages.exchange(settings).gather(lambda _: None)
    mirror = Mirror(settings.zone.home)
    verdict = audit(mirror.home, _joined(sent))
    lost = sum(lost_from_quarantine(h.home, s) for h, s in zip(hosts, sent, strict=True))
    found = compare(Store(settings), mirror)
    left = sum(len(list(host.settings.landing.glob("event_name=*/*/*"))) for host in hosts)
    wrong = found.differing + found.stale + found.newer + found.foreign + left
    return replace(verdict, lost=verdict.lost + lost, wrong=verdict.wrong + wrong)


def _joined(sent: list[Sent]) -> Sent:
    whole = Sent()
    for one in sent:
        whole.acked |= one.acked
        whole.sent |= one.sent
    return whole
