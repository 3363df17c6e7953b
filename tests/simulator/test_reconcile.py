"""Reconciliation against a file that says what the truth says, and against tampered ones.

tests/end_to_end reconciles with the warehouse itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from simulator.company import Company
from simulator.deliveries import Deliveries
from simulator.reconcile import reconcile
from simulator.truth import Truth

ONWARD = {"forward": "advanced"}


@pytest.fixture(scope="module")
def sent(company: Company) -> Deliveries:
    totals = company.truth.totals
    counts = {
        "candidate": totals["candidate_states"] + 9,
        "job": totals["job_states"] + 2,
        "other": totals["other_events"],
    }
    landed = sum(counts.values())
    return Deliveries(
        attempts=landed + 19,
        sent=counts | {"bad": 15, "ping": 1, "wrong_token": 3},
        answered={"landed": landed, "quarantined": 15, "ping": 1},
        landed=counts,
        refused={"404": 3},
    )


@pytest.fixture(scope="module")
def pristine(company: Company, sent: Deliveries, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reconcile") / "hiring.duckdb"
    with duckdb.connect(str(path)) as connection:
        write(connection, company.truth, sent)
    return path


@pytest.fixture
def published(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(pristine, tmp_path))


def write(connection: duckdb.DuckDBPyConnection, truth: Truth, sent: Deliveries) -> None:
    totals = truth.totals
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        "create table freshness as select ? as events_loaded, ? as candidate_states,"
        " ? as job_states, ? as other_events, 11 as repeats, ? as without_uuid, ? as without_job",
        [
            sent.answered["landed"],
            totals["candidate_states"],
            totals["job_states"],
            totals["other_events"],
            totals["without_uuid"],
            totals["without_job"],
        ],
    )
    connection.execute("create table jobs as select * from range(?)", [totals["jobs"]])
    connection.execute("create table job_steps (job_uuid text, step_name text, order_source text)")
    connection.execute("create table funnel_cohort (stage text, reached bigint, entered bigint)")
    for stage in {*truth.reached, *truth.entered}:
        row = [stage, truth.reached.get(stage, 0), truth.entered.get(stage, 0)]
        connection.execute("insert into funnel_cohort values (?, ?, ?)", row)
    write_applications(connection, truth)


def write_applications(connection: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    connection.execute(
        "create table applications (candidate_uuid text, job_uuid text, person_key text,"
        " outcome text, applied_at timestamptz, hired_at timestamptz, rejected_at timestamptz,"
        " withdrawn_at timestamptz, is_left_truncated boolean, order_ambiguous boolean)"
    )
    connection.execute(
        "create table stage_visits (candidate_uuid text, job_uuid text, visit_number bigint,"
        " step_name text, stage text, entered_at timestamptz, left_at timestamptz, exit_kind text)"
    )
    applications, visits = [], []
    for place, one in enumerate(truth.applications):
        key = (one.candidate_uuid, one.job_uuid)
        times = (one.applied_at, one.hired_at, one.rejected_at, one.withdrawn_at)
        person = str(place % truth.totals["persons"])
        flags = (one.is_left_truncated, one.order_ambiguous)
        applications.append((*key, person, one.outcome, *times, *flags))
        for number, visit in enumerate(one.visits, start=1):
            kind = ONWARD.get(visit.exit_kind, visit.exit_kind)
            stay = (visit.step_name, visit.stage, visit.entered_at, visit.left_at, kind)
            visits.append((*key, number, *stay))
    at = "make_timestamptz(?::bigint)"
    connection.executemany(
        f"insert into applications values (?, ?, ?, ?, {at}, {at}, {at}, {at}, ?, ?)", applications
    )
    connection.executemany(
        f"insert into stage_visits values (?, ?, ?, ?, ?, {at}, {at}, ?)", visits
    )


def change(published: Path, statement: str) -> None:
    with duckdb.connect(str(published)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(statement)


def wrong(published: Path, truth: Truth, sent: Deliveries) -> set[str]:
    return {check.name for check in reconcile(published, truth, sent) if not check.ok}


def test_a_file_that_says_the_truth_reconciles(
    published: Path, company: Company, sent: Deliveries
) -> None:
    assert wrong(published, company.truth, sent) == set()


@pytest.mark.parametrize(
    ("tampering", "names"),
    [
        ("delete from applications using (select max(candidate_uuid) m from applications where"
         " outcome = 'hired') where candidate_uuid = m", {"hired", "applications"}),
        ("update applications set outcome = 'open' where outcome = 'withdrawn'", {"withdrawn"}),
        ("update applications set applied_at = applied_at - interval 1 microsecond",
         {"median time to hire (microseconds)", "applications that differ"}),
        ("update applications set person_key = 'x'", {"persons"}),
        ("update applications set is_left_truncated = false", {"left truncated"}),
        ("update funnel_cohort set reached = reached + 1 where stage = 'interview'",
         {"reached interview"}),
        ("update funnel_cohort set entered = entered - 1 where stage = 'offer'", {"entered offer"}),
        ("update stage_visits set left_at = left_at + interval 1 second", {"visits that differ"}),
        ("update stage_visits set exit_kind = 'open' where exit_kind = 'rejected'",
         {"exits: open", "exits: rejected"}),
        ("update freshness set events_loaded = events_loaded - 1",
         {"landed = loaded", "loaded = states + other + repeats"}),
        ("update freshness set job_states = job_states - 1, repeats = repeats + 1",
         {"job states", "repeats"}),
        ("insert into jobs values (0)", {"jobs"}),
    ],
)  # fmt: skip
def test_a_tampered_file_does_not(
    published: Path, company: Company, sent: Deliveries, tampering: str, names: set[str]
) -> None:
    change(published, tampering)

    assert names <= wrong(published, company.truth, sent)


def test_a_lost_delivery_does_not_reconcile(
    published: Path, company: Company, sent: Deliveries
) -> None:
    lost = Deliveries(**vars(sent) | {"lost": 1, "attempts": sent.attempts + 1})

    assert wrong(published, company.truth, lost) == {
        "deliveries given up",
        "attempts = answered + refused + unanswered",
    }


def test_an_unanswered_delivery_may_have_landed(
    published: Path, company: Company, sent: Deliveries
) -> None:
    change(
        published, "update freshness set events_loaded = events_loaded + 1, repeats = repeats + 1"
    )
    doubt = Deliveries(**vars(sent) | {"unanswered": 1, "attempts": sent.attempts + 1})

    assert wrong(published, company.truth, sent) == {"landed = loaded", "repeats"}
    assert wrong(published, company.truth, doubt) == set()


def test_a_step_whose_place_is_ambiguous_may_count_as_beyond_a_stage(
    published: Path, company: Company, sent: Deliveries
) -> None:
    change(published, "update funnel_cohort set reached = reached + 1 where stage = 'offer'")
    assert wrong(published, company.truth, sent) == {"reached offer"}

    change(
        published,
        "insert into job_steps select distinct job_uuid, step_name, 'ambiguous' from stage_visits",
    )
    assert wrong(published, company.truth, sent) == set()
