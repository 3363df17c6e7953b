"""The sync as Dagster assets: one run of `hiring sync` materialises every published table.

    pip install dagster dagster-webserver      # an environment of its own will do
    HIRING=/opt/hiring/.venv/bin/hiring HIRING_HOME=/var/lib/hiring \\
        dagster dev -f deploy/dagster/definitions.py

Run it instead of `hiring worker`, as the same user; both at once do no harm.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

sys.path.insert(0, str(Path(__file__).parent))
from command import Busy, hiring, published_tables

GROUP = "hiring"
TABLES = published_tables()
RETRY = dg.RetryPolicy(max_retries=3, delay=60)

landing = dg.AssetSpec("landing", group_name=GROUP, description="What the receiver put on disk.")


@dg.multi_asset(
    name="sync",
    specs=[dg.AssetSpec(name, deps=[landing], group_name=GROUP) for name in TABLES],
)
def sync(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Load what is new, build, publish. While another run is at work it is tried again."""
    try:
        summary = hiring("sync")
    except Busy as error:
        raise dg.RetryRequested(max_retries=RETRY.max_retries, seconds_to_wait=60) from error
    context.log.info(f"{summary['events']} events, {summary['new']} of them new")
    for name in TABLES:
        yield dg.MaterializeResult(
            asset_key=name,
            metadata={
                "dagster/row_count": summary["rows"].get(name, 0),
                "as_of": str(summary["as_of"]),
            },
        )


@dg.asset_check(asset="freshness")
def needs_no_attention() -> dg.AssetCheckResult:
    """What `hiring status` says: the ledger, lag, quarantine, drift, disk."""
    attention = hiring("status", allowed=(0, 1))["attention"]
    return dg.AssetCheckResult(
        passed=not attention,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"attention": attention},
    )


@dg.asset(deps=list(TABLES), group_name=GROUP, retry_policy=RETRY)
def report() -> dg.MaterializeResult:
    """The notebooks as HTML that works offline."""
    made = hiring("report")
    return dg.MaterializeResult(metadata={"path": made["path"], "seconds": made["seconds"]})


often = dg.define_asset_job("often", selection=dg.AssetSelection.assets(*TABLES))
nightly = dg.define_asset_job("nightly", selection=dg.AssetSelection.assets("report"))

defs = dg.Definitions(
    assets=[landing, sync, report],
    asset_checks=[needs_no_attention],
    jobs=[often, nightly],
    schedules=[
        dg.ScheduleDefinition(job=often, cron_schedule="*/5 * * * *"),
        dg.ScheduleDefinition(job=nightly, cron_schedule="0 5 * * *"),
    ],
)
