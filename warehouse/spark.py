"""Builds the models on a Spark cluster: dbt runs here, its SQL there.

Every model is built whole into a folder of its own; when nothing is new, nothing is built.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

import duckdb

from contract.settings import Settings
from warehouse import build, cluster, estimators, fingerprint, handover, mappings, runner

# Increments are DuckDB's, and the estimators work there.
LEFT_OUT = (
    *("int_touched_candidates", "int_touched_events", "int_touched_jobs", "int_touched_applicants"),
    "source:estimates+",
)


def build_there(
    settings: Settings, full_refresh: bool, progress: Callable[[str], None] | None
) -> build.Build:
    """Build on the cluster what complete loads hold. Raises runner.BuildFailed, MappingError."""
    try:
        return _build(settings, full_refresh, progress)
    except (cluster.ClusterFailed, estimators.EstimatesFailed) as error:
        raise runner.BuildFailed(str(error)) from None
    except duckdb.Error as error:
        kind = type(error).__name__
        raise runner.BuildFailed(f"what Spark wrote can't be read ({kind})") from None


def _build(
    settings: Settings, full_refresh: bool, progress: Callable[[str], None] | None
) -> build.Build:
    started = time.monotonic()
    seeds = mappings.prepare(settings)
    mark = f"{fingerprint.current(settings, seeds)} spark={cluster.release()}"
    reason, news = _why(settings, full_refresh, mark)
    if reason is None and not news:
        return build.Build({"prepare": time.monotonic() - started}, {}, {})
    models = settings.spark / "models"
    handover.sweep(models, handover.current(settings.warehouse))
    built = models / uuid4().hex
    prepared = time.monotonic()
    command = ["run", "--exclude", *LEFT_OUT, build.NO_FILES]
    with cluster.session(settings, built, seeds):
        seconds = runner.run_dbt(settings, command, build.variables(settings, seeds), progress)
    done = time.monotonic()
    seconds |= handover.hand_over(settings, built, mark)
    steps = {"prepare": prepared - started, "dbt": done - prepared}
    steps["estimates"] = time.monotonic() - done
    return build.Build(steps, seconds, {}, reason, news)


def _why(settings: Settings, full_refresh: bool, mark: str) -> tuple[str | None, int]:
    """Why the models are built anew though nothing was loaded, and how many loads are new."""
    if full_refresh:
        return "asked for", 0
    if not settings.warehouse.is_file():
        return "first build", 0
    return fingerprint.why_rebuild(settings, mark), handover.new_loads(settings.warehouse)
