"""Counters of the receiver, summed over its workers, in the text format of Prometheus.

Each worker counts in memory and writes `state/receiver/<slot>.json` every second; `/metrics`
of any worker adds the files up. A worker goes on where the last one of its slot stopped, so
that counters only grow. Labels come from known names alone.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from contract.outbox import Outbox

SYNC_SECONDS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)
BATCH_LINES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_FRESH_SECONDS = 10


@dataclass
class Histogram:
    """Counts per bucket (one more than bounds: beyond the last) and the sum of values."""

    counts: list[int]
    total: float = 0.0

    def add(self, bounds: tuple[float, ...], value: float) -> None:
        self.counts[bisect.bisect_left(bounds, value)] += 1
        self.total += value


def _histogram(bounds: tuple[float, ...]) -> Histogram:
    return Histogram([0] * (len(bounds) + 1))


@dataclass
class Counts:
    """What one worker counted. `used` is when each token was last used, by label (epoch)."""

    landed: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    pings: int = 0
    replays: int = 0
    unanswered: int = 0
    last_event: float = 0.0
    used: dict[str, float] = field(default_factory=dict)
    sync: Histogram = field(default_factory=lambda: _histogram(SYNC_SECONDS))
    batch: Histogram = field(default_factory=lambda: _histogram(BATCH_LINES))
    queue: int = 0
    oldest: float = 0.0
    connections: int = 0
    at: float = 0.0

    def flushed(self, lines: int, seconds: float) -> None:
        self.sync.add(SYNC_SECONDS, seconds)
        self.batch.add(BATCH_LINES, lines)


def folder(state: Path) -> Path:
    return state / "receiver"


def load(path: Path) -> Counts:
    """The counts of a slot; zero when there are none or they can't be read."""
    with suppress(OSError, orjson.JSONDecodeError, TypeError, KeyError):
        read = orjson.loads(path.read_bytes())
        for name in ("landed", "quarantined", "refused"):
            read[name] = Counter(read[name])
        for name in ("sync", "batch"):
            read[name] = Histogram(**read[name])
        return Counts(**read)
    return Counts()


def save(counts: Counts, path: Path) -> None:
    """Replace the file of a slot; a crash leaves the old one. A full disk is no reason to stop."""
    counts.at = time()
    temporary = path.with_suffix(".tmp")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_bytes(orjson.dumps(counts))
        temporary.replace(path)


def read_all(state: Path) -> list[Counts]:
    """The counts of every slot that ever ran."""
    return [load(path) for path in sorted(folder(state).glob("*.json"))]


def exposition(every: Iterable[Counts], outbox: Outbox | None = None) -> bytes:
    """The counts of all workers as Prometheus text; and what waits for an object store."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sum(list(every)))
    if outbox:
        registry.register(_Shipping(outbox))
    return generate_latest(registry)


class _Shipping(Collector):
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def collect(self) -> Iterator[Metric]:
        box, note = self._outbox, self._outbox.note
        for name, text, value in (
            ("waiting_batches", "Sealed and not in the object store.", box.batches),
            ("waiting_bytes", "Bytes of them.", box.bytes),
            ("oldest_waiting_seconds", "Age of the oldest of them.", box.age),
            ("last_success_timestamp_seconds", "End of the last good pass.", note.last_success),
            ("failing", "1 while the store fails.", float(bool(note.failing_since))),
        ):
            yield GaugeMetricFamily(f"hiring_shipping_{name}", text, value=value)
        for name, text, value in (
            ("batches", "Batches shipped.", note.batches),
            ("events", "Events shipped.", note.events),
            ("bytes", "Bytes shipped.", note.bytes),
        ):
            yield CounterMetricFamily(f"hiring_shipping_{name}", text, value=value)
        failures = CounterMetricFamily(
            "hiring_shipping_failures", "Passes that failed.", labels=["error"]
        )
        for kind, count in sorted(note.failures.items()):
            failures.add_metric([kind], count)
        yield failures


class _Sum(Collector):
    def __init__(self, every: list[Counts]) -> None:
        self._every = every

    def collect(self) -> Iterator[Metric]:
        received = sum(c.landed.total() + c.quarantined.total() for c in self._every)
        text = "Deliveries taken: landed or quarantined."
        yield CounterMetricFamily("hiring_receiver_received", text, value=received)
        yield self._counter("landed", "Events on disk.", "event_name")
        yield self._counter("quarantined", "Bodies not understood, kept.", "reason")
        yield self._counter("refused", "Requests answered 4xx or 503.", "reason")
        for name, text in (
            ("pings", "Tests of the URL; nothing landed."),
            ("replays", "Signed deliveries that came twice; landed once."),
            ("unanswered", "Senders that left before the answer."),
        ):
            total = sum(getattr(counts, name) for counts in self._every)
            yield CounterMetricFamily(f"hiring_receiver_{name}", text, value=total)
        yield self._histogram("fdatasync_seconds", "Time of a flush to disk.", "sync", SYNC_SECONDS)
        yield self._histogram("batch_lines", "Events of a flush.", "batch", BATCH_LINES)
        yield from self._gauges()

    def _counter(self, name: str, text: str, label: str) -> CounterMetricFamily:
        family = CounterMetricFamily(f"hiring_receiver_{name}", text, labels=[label])
        total: Counter[str] = Counter()
        for counts in self._every:
            total.update(getattr(counts, name))
        for value, count in sorted(total.items()):
            family.add_metric([value], count)
        return family

    def _histogram(
        self, name: str, text: str, attribute: str, bounds: tuple[float, ...]
    ) -> HistogramMetricFamily:
        parts = [getattr(counts, attribute) for counts in self._every]
        buckets, running = [], 0
        for number, bound in enumerate([*map(str, bounds), "+Inf"]):
            running += sum(part.counts[number] for part in parts)
            buckets.append((bound, running))
        family = HistogramMetricFamily(f"hiring_receiver_{name}", text)
        family.add_metric([], buckets, sum(part.total for part in parts))
        return family

    def _gauges(self) -> Iterator[Metric]:
        alive = [counts for counts in self._every if time() - counts.at < _FRESH_SECONDS]
        last = max((counts.last_event for counts in self._every), default=0.0)
        values = {
            "workers": ("Workers that run.", len(alive)),
            "connections": ("Open connections.", sum(c.connections for c in alive)),
            "queue_lines": ("Events not answered yet.", sum(c.queue for c in alive)),
            "oldest_unacknowledged_seconds": (
                "Age of the oldest of them.",
                max((c.oldest for c in alive), default=0.0),
            ),
        }
        if last:
            values["seconds_since_last_event"] = ("Since an event landed.", time() - last)
        for name, (text, value) in values.items():
            yield GaugeMetricFamily(f"hiring_receiver_{name}", text, value=value)
