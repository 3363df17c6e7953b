"""Sends a company's year as webhook deliveries over HTTP, as Occupop would, mishaps included."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from threading import Event as Flag
from threading import Lock
from urllib.parse import SplitResult, urlsplit

from simulator.company import Company
from simulator.deliveries import Deliveries
from simulator.schedule import WRONG_TOKEN, Delivery, Schedule
from simulator.sender import Answer, Sender
from simulator.tally import Tally

RETRIES = 8
BACKOFF = 0.1  # seconds before the first retry, doubled each time
LONGEST_WAIT = 5.0
STALE_FOR = 300.0  # seconds after the start in which a stale job state is within any window
PROGRESS_EVERY = 1000  # deliveries


class NotLoopback(ValueError):
    """The URL leaves this machine, and no one said that invented data may be sent there."""


class BadUrl(ValueError):
    """Not an http(s) URL with a token in its path."""


def deliver(
    company: Company,
    url: str,
    *,
    rate: float | None = None,
    connections: int = 32,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    yes_send_invented_data: bool = False,
) -> Deliveries:
    """Post all deliveries of `company` to `url`, the receiver's address with its token.

    rate: deliveries per second; None: as fast as they are answered.
    progress: told how far it is, in words, from any thread.
    A 5xx, a 429 and no answer are tried again with the same body.
    Raises BadUrl, NotLoopback.
    """
    target = check_url(url, anywhere=yes_send_invented_data)
    run = _Run(target, Schedule(company, seed), rate, progress)
    with ThreadPoolExecutor(connections, "simulator") as pool:
        workers = [pool.submit(run.work) for _ in range(connections)]
        for worker in workers:
            worker.result()
    return run.tally.deliveries(time.monotonic() - run.started)


def check_url(url: str, *, anywhere: bool) -> SplitResult:
    """Raises BadUrl, NotLoopback."""
    target = urlsplit(url)
    if target.scheme not in ("http", "https") or not target.hostname or len(target.path) < 2:
        raise BadUrl("expected http://HOST:PORT/webhooks/occupop/TOKEN")
    if not anywhere and not _is_loopback(target.hostname):
        raise NotLoopback(
            f"{target.hostname} is not this machine; "
            "say --yes-send-invented-data to send invented data there"
        )
    return target


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Run:
    """Threads draw from one schedule; deliveries of one chain wait for one another."""

    def __init__(
        self,
        target: SplitResult,
        deliveries: Schedule,
        rate: float | None,
        progress: Callable[[str], None] | None,
    ) -> None:
        self.target = target
        self.total = len(deliveries)
        self.deliveries = iter(deliveries)
        self.rate = rate
        self.progress = progress
        self.tally = Tally()
        self.started = time.monotonic()
        self.drawing = Lock()
        self.drawn = 0
        self.chains: dict[str, Flag] = {}

    def work(self) -> None:
        sender = Sender(self.target)
        while (turn := self.draw()) is not None:
            delivery, due, before, done = turn
            try:
                time.sleep(max(0.0, due - time.monotonic()))
                if before is not None:
                    before.wait()
                self.send(sender, delivery)
            finally:
                done.set()
        sender.close()

    def draw(self) -> tuple[Delivery, float, Flag | None, Flag] | None:
        """The next delivery, when it is due, what it waits for, and what waits for it."""
        with self.drawing:
            delivery = next(self.deliveries, None)
            if delivery is None:
                return None
            due = self.started + (self.drawn / self.rate if self.rate else 0)
            self.drawn += 1
            done, before = Flag(), None
            if delivery.chain is not None:
                before = self.chains.get(delivery.chain)
                self.chains[delivery.chain] = done
            if self.progress is not None and self.drawn % PROGRESS_EVERY == 0:
                self.progress(f"{self.drawn:,} of {self.total:,} deliveries")
            return delivery, due, before, done

    def send(self, sender: Sender, delivery: Delivery) -> None:
        if delivery.is_stale and time.monotonic() - self.started > STALE_FOR:
            self.tally.count("skipped")
            return
        path = self.target.path
        if delivery.kind == WRONG_TOKEN:
            path = path[:-1] + ("A" if path[-1] != "A" else "B")
        for attempt in range(RETRIES + 1):
            answer = sender.post(path, delivery.body)
            self.tally.attempt(delivery.kind, answer, is_retry=attempt > 0)
            if answer is not None and answer.status < 500 and answer.status != 429:
                self.tally.settled(delivery.kind)
                return
            if attempt < RETRIES:
                time.sleep(_wait(answer, attempt))
        self.tally.count("lost")


def _wait(answer: Answer | None, attempt: int) -> float:
    asked = answer.retry_after if answer is not None else None
    return min(LONGEST_WAIT, BACKOFF * 2**attempt if asked is None else asked)
