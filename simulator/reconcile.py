"""Compares the published file with the truth: every figure, then every application and visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulator.deliveries import Deliveries
from simulator.history import Application
from simulator.schedule import BAD, CANDIDATE, JOB, OTHER, PINGED, WRONG_TOKEN
from simulator.truth import OUTCOMES, Truth, undecided

Number = float | int | None
ONWARD = ("forward", "moved", "moved_back")  # exits into another step, whatever their direction
LEDGER = ("candidate_states", "job_states", "other_events", "without_uuid", "without_job")


@dataclass(frozen=True)
class Check:
    """One figure. spare: how much more may be found: what was sent and got no answer may have
    landed, and a step whose place in the flow is ambiguous may count as beyond a stage.
    """

    name: str
    expected: Number
    found: Number
    spare: int = 0

    @property
    def ok(self) -> bool:
        if not self.spare or self.expected is None or self.found is None:
            return self.expected == self.found
        return self.expected <= self.found <= self.expected + self.spare


def reconcile(published: Path, truth: Truth, deliveries: Deliveries) -> list[Check]:
    """Checks of `hiring.duckdb`, synced after all deliveries, against what was sent.

    Raises duckdb.Error when the file cannot be read.
    """
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        figures = Figures(connection)
        return [
            *_sender(deliveries),
            *_ledger(figures, truth, deliveries),
            *_totals(figures, truth),
            *_stages(figures, truth),
            *_rows(figures, truth),
        ]


@dataclass(frozen=True)
class Figures:
    """Reads the published file."""

    connection: duckdb.DuckDBPyConnection

    def one(self, query: str) -> Number:
        row = self.connection.execute(query).fetchone()
        return None if row is None else row[0]

    def counts(self, query: str) -> dict[str, int]:
        return dict(self.connection.execute(query).fetchall())

    def rows(self, query: str) -> set[tuple[object, ...]]:
        return set(self.connection.execute(query).fetchall())


def _sender(sent: Deliveries) -> Iterator[Check]:
    """attempts = answered 200 + refused + unanswered, and each kind got the answer it should."""
    settled = sent.answered_200 + sum(sent.refused.values()) + sent.unanswered
    yield Check("attempts = answered + refused + unanswered", sent.attempts, settled)
    yield Check("deliveries given up", 0, sent.lost)
    good = sum(sent.sent.get(kind, 0) for kind in (CANDIDATE, JOB, OTHER))
    yield Check("valid deliveries = landed", good, sent.answered.get("landed", 0))
    quarantined = sent.answered.get("quarantined", 0)
    yield Check("bad bodies = quarantined", sent.sent.get(BAD, 0), quarantined)
    yield Check("pings", sent.sent.get(PINGED, 0), sent.answered.get("ping", 0))
    refused = sum(count for status, count in sent.refused.items() if status == "404")
    yield Check("wrong tokens = refused with 404", sent.sent.get(WRONG_TOKEN, 0), refused)


def _ledger(figures: Figures, truth: Truth, sent: Deliveries) -> Iterator[Check]:
    """landed = loaded = states + other events + repeats."""
    spare = sent.unanswered
    landed = sent.answered.get("landed", 0)
    loaded = figures.one("select events_loaded from freshness")
    yield Check("landed = loaded", landed, loaded, spare)
    parts = "candidate_states + job_states + other_events + repeats"
    summed = figures.one(f"select {parts} from freshness")
    yield Check("loaded = states + other + repeats", loaded, summed)
    for name in LEDGER:
        found = figures.one(f"select {name} from freshness")
        yield Check(name.replace("_", " "), truth.totals[name], found)
    told = sum(truth.totals[name] for name in LEDGER[:3])
    yield Check("repeats", landed - told, figures.one("select repeats from freshness"), spare)


def _totals(figures: Figures, truth: Truth) -> Iterator[Check]:
    totals = truth.totals
    yield Check("jobs", totals["jobs"], figures.one("select count(*) from jobs"))
    count = "select count(*) from applications"
    yield Check("applications", totals["applications"], figures.one(count))
    for outcome in OUTCOMES:
        found = figures.one(f"{count} where outcome = '{outcome}'")
        yield Check(outcome, totals[outcome], found)
    for flag in ("is_left_truncated", "order_ambiguous"):
        name = flag.removeprefix("is_")
        yield Check(name.replace("_", " "), totals[name], figures.one(f"{count} where {flag}"))
    persons = figures.one("select count(distinct person_key) from applications")
    yield Check("persons", totals["persons"], persons)
    took = "epoch_us(hired_at) - epoch_us(applied_at)"
    median = figures.one(f"select median({took}) from applications where {took} >= 0")
    yield Check("median time to hire (microseconds)", truth.median_time_to_hire, median)


def _stages(figures: Figures, truth: Truth) -> Iterator[Check]:
    found = figures.counts("select stage, sum(reached)::bigint from funnel_cohort group by all")
    steps = "select job_uuid, step_name from job_steps where order_source = 'ambiguous'"
    open_to_doubt = undecided(truth, {(str(job), str(step)) for job, step in figures.rows(steps)})
    for stage, expected in truth.reached.items():
        spare = open_to_doubt[stage]
        name = f"reached {stage}" + (f" (ambiguous: {spare})" if spare else "")
        yield Check(name, expected, found.get(stage, 0), spare)
    found = figures.counts("select stage, sum(entered)::bigint from funnel_cohort group by all")
    for stage, expected in truth.entered.items():
        yield Check(f"entered {stage}", expected, found.get(stage, 0))
    yield Check("visits", truth.totals["visits"], figures.one("select count(*) from stage_visits"))
    kinds = figures.counts("select exit_kind, count(*) from stage_visits group by all")
    onward = ("advanced", "skipped_ahead", "moved", "moved_back")
    expected = sum(truth.exit_kinds.get(kind, 0) for kind in ONWARD)
    yield Check("exits to another step", expected, sum(kinds.get(kind, 0) for kind in onward))
    for kind, expected in truth.exit_kinds.items():
        if kind not in ONWARD:
            yield Check(f"exits: {kind}", expected, kinds.get(kind, 0))


def _rows(figures: Figures, truth: Truth) -> Iterator[Check]:
    """Each application with its dates, and each visit with its times, one by one."""
    found = figures.rows(
        "select candidate_uuid, job_uuid, outcome, epoch_us(applied_at), epoch_us(hired_at),"
        " epoch_us(rejected_at), epoch_us(withdrawn_at), is_left_truncated, order_ambiguous"
        " from applications"
    )
    expected = {_application(one) for one in truth.applications}
    yield Check("applications that differ", 0, len(expected ^ found))
    found = figures.rows(
        "select candidate_uuid, job_uuid, visit_number, step_name, stage, epoch_us(entered_at),"
        " epoch_us(left_at) from stage_visits"
    )
    visits = {visit for one in truth.applications for visit in _visits(one)}
    yield Check("visits that differ", 0, len(visits ^ found))


def _application(one: Application) -> tuple[object, ...]:
    return (
        one.candidate_uuid,
        one.job_uuid,
        one.outcome,
        one.applied_at,
        one.hired_at,
        one.rejected_at,
        one.withdrawn_at,
        one.is_left_truncated,
        one.order_ambiguous,
    )


def _visits(one: Application) -> Iterator[tuple[object, ...]]:
    key = (one.candidate_uuid, one.job_uuid)
    for number, visit in enumerate(one.visits, start=1):
        yield (*key, number, visit.step_name, visit.stage, visit.entered_at, visit.left_at)
