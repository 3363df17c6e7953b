"""One run: lock -> load until drained -> build -> publish, and a summary.

Any run can be killed at any instruction; the next one finishes the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

from contract import durable, files, lake, runs, warehouse
from contract.settings import Settings
from contract.tombstones import unapplied
from pipelines.child import Progress
from pipelines.compact import compact_old_days
from pipelines.failure import SyncFailed
from pipelines.load import LAST_RUN, load, load_beside
from pipelines.merge import merge_closed_days
from pipelines.summary import Summary

Step = Callable[[Settings, Summary, Progress], None]


def sync(
    settings: Settings,
    *,
    build: Step,
    publish: Step,
    fetch: Step | None = None,
    push: Step | None = None,
    ready: Callable[[], object] | None = None,
    quarantined: Callable[[], int] = lambda: 0,
    full_refresh: bool = False,
    progress: Progress = lambda _: None,
) -> Summary:
    """Load what is new, build the warehouse, publish it.

    build and publish are the warehouse's, fetch and push those of an object store that the
    landing zone stands in; all are handed in by the command line. ready: what building takes long
    to begin with, done while a child of this process loads.
    Raises lock.LockHeld, lake.LakeUnreachable, SyncFailed, and what these raise.
    """
    with runs.one_run(settings, "hiring sync"):
        _refuse_unerased(settings)
        summary = Summary(quarantined=quarantined())
        _exchange("fetch", fetch, settings, summary, progress)
        if full_refresh:
            _forget_warehouse(settings, summary)
        with lake.held(settings):
            _run(settings, summary, build, publish, ready, progress)
        _exchange("push", push, settings, summary, progress)
        summary.finish()
        durable.write(
            settings.state / LAST_RUN,
            [orjson.dumps(summary.as_dict(), option=orjson.OPT_INDENT_2)],
        )
        return summary


def _run(
    settings: Settings,
    summary: Summary,
    build: Step,
    publish: Step,
    ready: Callable[[], object] | None,
    progress: Progress,
) -> None:
    was_missing = _is_missing(settings) and not summary.notes
    if ready is None:
        summary.watermark = load(settings, summary, progress)
    else:
        load_beside(ready, settings, summary, progress)
    before = freshness(settings.published)
    if was_missing and before:
        summary.notes.append("warehouse.duckdb was missing: rebuilt from the landing zone")
    with ExitStack() as until:
        until.enter_context(warehouse.held(settings))
        runs.still_ours(settings)
        with summary.step("build"):
            build(settings, summary, progress)
        runs.still_ours(settings)
        with summary.step("publish"), warehouse.written_back(settings):
            publish(settings, summary, progress)
        with summary.step("checkpoint"):
            until.close()
    with summary.step("merge"):
        merge_closed_days(settings.zone, summary.watermark, datetime.now(UTC).date())
    if settings.compact_days >= 0:
        with summary.step("compact"):
            summary.notes += _compact(settings)
    summary.count(before, freshness(settings.published))


def _is_missing(settings: Settings) -> bool:
    return settings.engine != "ducklake" and not settings.warehouse.exists()


def _compact(settings: Settings) -> Iterable[str]:
    before = datetime.now(UTC).date() - timedelta(days=settings.compact_days)
    return compact_old_days(settings.zone, before).notes()


def _exchange(
    name: str, step: Step | None, settings: Settings, summary: Summary, progress: Progress
) -> None:
    if step:
        with summary.step(name):
            step(settings, summary, progress)


def _refuse_unerased(settings: Settings) -> None:
    """A landing zone out of a backup may hold people who were erased since."""
    if unapplied(settings.home):
        raise SyncFailed(
            "an erasure is not finished in this landing zone (it was killed, or the landing zone"
            " is from a backup): run `hiring forget --reapply`, then `hiring sync`"
        )


def _forget_warehouse(settings: Settings, summary: Summary) -> None:
    files.remove(settings)
    if settings.engine == "ducklake":
        lake.remove(settings, lake.PRIVATE)
    for suffix in ("", ".wal"):
        Path(f"{settings.warehouse}{suffix}").unlink(missing_ok=True)
    summary.notes.append("full refresh: everything was rebuilt from the landing zone")


def freshness(published: Path) -> dict[str, Any]:
    """The row of `freshness` in the published file; empty when there is none."""
    if not published.exists():
        return {}
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            names = [row[0] for row in connection.sql("describe freshness").fetchall()]
            row = connection.sql("select * from freshness").fetchone()
    except duckdb.Error:
        return {}
    return dict(zip(names, row or (), strict=False))
