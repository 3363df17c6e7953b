"""What must hold at the end of a soak: the ledger, the figures, memory, lag, readers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.soak.company import Stage
from benchmarks.soak.lag import lags, published, quantile
from benchmarks.soak.memory import Sample, slope
from benchmarks.soak.trial import Seen, Trial
from contract import envelope
from contract.landing import Landing
from contract.tombstones import STUB
from simulator.reconcile import reconcile
from simulator.truth import make_truth

MOST_GROWTH = 1e6  # bytes per ten minutes
MOST_LAG = 20.0
SETTLES = 300.0
_OF_ALL = ("landed = loaded", "repeats")  # of the reconciliation: they count the erased, too


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    seen: str

    @classmethod
    def between(cls, name: str, least: float, found: float, most: float) -> Check:
        text = f"{found:,}" if least == most else f"{found:,} of {least:,} to {most:,}"
        return cls(name, least <= found <= most, text)


@dataclass(frozen=True)
class Figures:
    """What the row of the table is made of. Lags in seconds; sizes and slopes in bytes."""

    landed: int
    quarantined: int
    loaded: int
    repeats: int
    erased: int
    reads: int
    lag: tuple[float, float, float]
    noted_lag: float
    peak: dict[str, int]
    at_rest: dict[str, int]
    slopes: dict[str, float | None]


def audit(trial: Trial, stage: Stage, seen: Seen) -> tuple[list[Check], Figures]:
    told = json.loads(trial.hiring("status", "--json").stdout)
    figures = _figures(trial, seen, told)
    checks = [
        *_ledger(trial, stage, seen, told, figures),
        *_reconciled(trial, stage, seen),
        *_processes(seen),
        *_readers(seen),
        *_limits(seen, figures),
    ]
    return checks, figures


def at_rest(samples: list[Sample]) -> list[Sample]:
    """Of a tree whose jobs run in children: those of the lasting process alone."""
    least = min((one.processes for one in samples), default=0)
    return [one for one in samples if one.processes == least]


def _figures(trial: Trial, seen: Seen, told: dict[str, Any]) -> Figures:
    ledger = told["ledger"]
    lag, noted, _ = lags(seen.follower.batches, seen.follower.runs, published(seen.readers))
    lasting = {"receiver": seen.samples["receiver"], "worker": at_rest(seen.samples["worker"])}
    settles = min(SETTLES, trial.seconds / 4)
    return Figures(
        landed=ledger["landed"],
        quarantined=told["quarantined"],
        loaded=ledger["loaded"],
        repeats=ledger["repeats"],
        erased=ledger["tombstoned"],
        reads=sum(lines[-1].get("reads", 0) for lines in seen.readers),
        lag=(quantile(lag, 0.5), quantile(lag, 0.99), quantile(lag, 1.0)),
        noted_lag=quantile(noted, 0.99),
        peak={name: max(s.pss for s in samples) for name, samples in seen.samples.items()},
        at_rest={name: samples[-1].pss for name, samples in lasting.items()},
        slopes={n: slope(s, seen.settled[n] + settles) for n, s in lasting.items()},
    )


def _ledger(
    trial: Trial, stage: Stage, seen: Seen, told: dict[str, Any], figures: Figures
) -> Iterator[Check]:
    ledger, sent = told["ledger"], seen.sent
    acked, kept = sent.answered.get("landed", 0), sent.answered.get("quarantined", 0)
    most = acked + sent.unanswered
    yield Check("deliveries given up", sent.lost == 0, f"{sent.lost}")
    yield Check.between("acked, landed", acked, figures.landed, most)
    yield Check.between("acked, quarantined", kept, figures.quarantined, kept + sent.unanswered)
    lines, ids, stubs, theirs = _landed(trial, stage)
    yield Check("manifest = lines", lines == figures.landed, f"{lines:,}")
    yield Check("event ids differ", ids == lines, f"{ids:,}")
    yield Check("erased = stubs", stubs == figures.erased > 0, f"{stubs:,}")
    yield Check("lines of the forgotten", theirs == 0, f"{theirs}")
    whole = figures.loaded + figures.erased
    yield Check("landed = loaded + erased", figures.landed == whole, f"{whole:,}")
    yield Check("loaded = states + repeats", _adds_up(ledger), f"{ledger['states']:,} states")
    for name in ("unexplained", "waiting", "set_aside"):
        yield Check(f"ledger: {name}", ledger[name] == 0, f"{ledger[name]}")
    left = [path.name for path in Landing(trial.home).journals.glob("*.journal")]
    yield Check("journals left", not left, f"{len(left)}")


def _adds_up(ledger: dict[str, int]) -> bool:
    return ledger["loaded"] == ledger["states"] + ledger["repeats"]


def _landed(trial: Trial, stage: Stage) -> tuple[int, int, int, int]:
    """Lines, different event ids, stubs, and lines that name a forgotten id."""
    landing = Landing(trial.home)
    gone = [uuid.encode() for uuid in stage.forgotten]
    lines = stubs = theirs = 0
    ids: set[str] = set()
    for slot in landing.slots():
        for entry in landing.all_entries(slot):
            for file in entry.files:
                for line in landing.lines(file.path):
                    head = envelope.head(line)
                    lines += 1
                    ids.add(head["event_id"])
                    stubs += bool(head.get(STUB))
                    theirs += any(uuid in line for uuid in gone)
    return lines, len(ids), stubs, theirs


def _reconciled(trial: Trial, stage: Stage, seen: Seen) -> Iterator[Check]:
    truth = make_truth(stage.others)
    for one in reconcile(trial.home / "hiring.duckdb", truth, seen.sent):
        if one.name not in _OF_ALL:
            yield Check(f"figures: {one.name}", one.ok, f"{one.found} of {one.expected}")


def _processes(seen: Seen) -> Iterator[Check]:
    yield Check("forget is proven", seen.forget == 0, f"exit {seen.forget}")
    yield Check("clean ends", not any(seen.exits.values()), str(seen.exits))
    restarts = {"receiver": 1, "worker": 1}
    yield Check("restarts", seen.restarts == restarts, str(seen.restarts))
    for name, job in seen.worker["jobs"].items():
        told = f"{job['failures']} of {job['runs']} runs ({job['last_error']})"
        yield Check(f"failures of {name}", job["failures"] == 0, told)


def _readers(seen: Seen) -> Iterator[Check]:
    for number, lines in enumerate(seen.readers):
        bad = [line for line in lines[:-1] if not line["is_whole"]]
        told = f"{len(bad)} of {lines[-1].get('reads', 0)}"
        yield Check(f"bad reads of reader {number}", not bad, told)


def _limits(seen: Seen, figures: Figures) -> Iterator[Check]:
    _, _, without = lags(seen.follower.batches, seen.follower.runs, published(seen.readers))
    yield Check("events never seen published", without == 0, f"{without}")
    yield Check("lag, p99", figures.lag[1] <= MOST_LAG, f"{figures.lag[1]:.1f} s")
    for name, growth in figures.slopes.items():
        told = "too few samples" if growth is None else f"{growth / 1e6:+.2f} MB per 10 min"
        yield Check(f"memory of {name}", growth is not None and growth <= MOST_GROWTH, told)
