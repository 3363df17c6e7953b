"""Pipeline and worker in the text format of Prometheus, for a textfile collector.

The receiver's own counters are at its /metrics. Labels come from names of ours alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contract import durable
from operations.status import Status

MODE = 0o640


def exposition(status: Status) -> bytes:
    """The metrics of a status."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(status))
    return generate_latest(registry)


def write(status: Status, path: Path) -> None:
    """Replace the file atomically. Raises OSError."""
    durable.write(path, [exposition(status)], MODE)


class _Metrics(Collector):
    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        for name, (text, value) in self._gauges().items():
            yield GaugeMetricFamily(f"hiring_{name}", text, value=value)
        ledger = self._status.ledger.as_dict()
        yield self._by("ledger_events", "Deliveries by their place in the ledger.", "place", ledger)
        yield self._by("disk_bytes", "Bytes by folder or file.", "place", self._status.disk.used)
        if self._status.run:
            steps = self._status.run.seconds
            yield self._by("sync_seconds", "Of the last good run, by step.", "step", steps)
        keys = {concern.key.partition(":")[0]: 1.0 for concern in self._status.concerns}
        yield self._by("concern", "1 while it needs attention.", "key", keys)
        yield from self._jobs()

    def _gauges(self) -> dict[str, tuple[str, float]]:
        s = self._status
        found = {
            "status_timestamp_seconds": ("When this was written.", s.at.timestamp()),
            "lag_seconds": ("Age of the oldest batch that is not loaded.", s.lag),
            "waiting_events": ("Sealed and not loaded.", float(s.waiting.events)),
            "quarantined_bodies": ("In quarantine.", float(s.quarantined)),
            "damaged_segments": ("Missing or damaged.", float(len(s.damaged))),
            "drift_findings": ("Of data_quality.", float(len(s.drift))),
            "disk_free_bytes": ("Free where HIRING_HOME lies.", float(s.disk.free)),
        }
        if s.run:
            finished = s.run.finished_at.timestamp()
            found["last_sync_timestamp_seconds"] = ("End of the last good run.", finished)
        if s.last_event_at:
            last = s.last_event_at.timestamp()
            found["last_event_timestamp_seconds"] = ("When the last event came.", last)
        return found

    def _jobs(self) -> Iterator[Metric]:
        jobs = self._status.worker.get("jobs", {})
        for name, text in (
            ("runs", "Runs of a job of the worker."),
            ("failures", "Of them, failed."),
        ):
            family = CounterMetricFamily(f"hiring_worker_{name}", text, labels=["job"])
            for job, note in sorted(jobs.items()):
                family.add_metric([job], float(note.get(name, 0)))
            yield family

    @staticmethod
    def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
        family = GaugeMetricFamily(f"hiring_{name}", text, labels=[label])
        for key, value in sorted(values.items()):
            family.add_metric([key], float(value))
        return family
