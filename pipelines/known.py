"""The warehouse as it was knowable at a time: only of what had landed by then."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from contract import durable
from contract.envelope import timestamp
from contract.settings import Settings
from pipelines.child import Progress
from pipelines.load import load
from pipelines.summary import Summary
from pipelines.sync import Step, freshness


def as_known_at(
    settings: Settings,
    time: datetime,
    out: Path,
    *,
    build: Step,
    publish: Step,
    progress: Progress = lambda _: None,
) -> Summary:
    """Build and publish into the file `out` what had landed by `time`, beside the live warehouse.

    It works in a folder of its own under `state/`, so a scheduled run goes on undisturbed.
    Raises SyncFailed, and what build and publish raise.
    """
    summary = Summary()
    durable.make_directory(settings.state)
    with tempfile.TemporaryDirectory(prefix="as-known-at-", dir=settings.state) as folder:
        then = settings.model_copy(update={"home": Path(folder), "engine": "duckdb"})
        for kept in ("config", "secrets"):  # the same definitions, the same person_key
            if (settings.home / kept).is_dir():
                shutil.copytree(settings.home / kept, then.home / kept)
        load(
            then,
            summary,
            progress,
            landing=settings.zone,
            landed_before=timestamp(time),
        )
        with summary.step("build"):
            build(then, summary, progress)
        with summary.step("publish"):
            publish(then, summary, progress)
        summary.count({}, freshness(then.published))
        durable.make_directory(out.absolute().parent)
        shutil.move(then.published, out)
    summary.finish()
    summary.published = str(out)
    summary.notes.append(f"as known at {timestamp(time)}: what landed later is left out")
    return summary
