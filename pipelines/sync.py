"""One run: lock -> load until drained -> build -> publish, and a summary.

Any run can be killed at any instruction; the next one finishes the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

from contract import durable, files, lake, runs
from contract.landing import Entry, Landing
from contract.settings import Settings
from contract.tombstones import unapplied
from pipelines.child import RunFailed, beside
from pipelines.compact import compact_old_days
from pipelines.failure import SyncFailed, naming
from pipelines.merge import merge_closed_days
from pipelines.segments import Batch, batches, in_order
from pipelines.summary import Summary

Progress = Callable[[str], None]
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
            settings.state / "last_run.json",
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
        _load_beside(ready, settings, summary, progress)
    before = freshness(settings.published)
    if was_missing and before:
        summary.notes.append("warehouse.duckdb was missing: rebuilt from the landing zone")
    for name, step in (("build", build), ("publish", publish)):
        runs.still_ours(settings)
        with summary.step(name):
            step(settings, summary, progress)
    with summary.step("merge"):
        merge_closed_days(settings.zone, summary.watermark, datetime.now(UTC).date())
    if settings.compact_days >= 0:
        with summary.step("compact"):
            summary.notes += _compact(settings)
    summary.count(before, freshness(settings.published))


def _load_beside(
    ready: Callable[[], object], settings: Settings, summary: Summary, progress: Progress
) -> None:
    """Load in a child, which leaves no memory here."""

    def loaded(tell: Progress) -> Summary:
        summary.watermark = load(settings, summary, tell)
        return summary

    try:
        vars(summary).update(vars(beside(loaded, ready, progress)))
    except RunFailed as error:
        raise SyncFailed(
            f"loading ended with {error.kind}: it was killed; nothing was published."
            " Run `hiring sync` again"
        ) from None


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


def load(
    settings: Settings,
    summary: Summary,
    progress: Progress,
    *,
    landing: Landing | None = None,
    landed_before: str | None = None,
) -> dict[str, int]:
    """Load every sealed segment beyond the watermark, shredded in batches of bounded memory.

    Returns slot -> last seq that is loaded. Raises SyncFailed.
    """
    from pipelines import occupop
    from pipelines.ahead import Shredder

    landing = landing or settings.zone
    with summary.step("start"), naming("opening the warehouse"):
        pipeline, watermark, missing = _open(settings)
        entries = in_order(landing.entries(watermark or {}))
    _refuse_lost_landing(landing, watermark or {})
    if missing and watermark is not None:
        summary.notes.append(_says_older(missing))
    is_incomplete = watermark is None or bool(missing)
    todo = _batches(entries, is_incomplete=is_incomplete)
    total = sum(entry.rows for entry in entries)
    shredder = Shredder(settings, landing, pipeline, watermark or {}, landed_before)
    with occupop.held(pipeline), closing(shredder.loads(todo, summary)) as loads:
        for batches_of_load in loads:
            with summary.step("load"), naming("load"):
                tables = _counted(batches_of_load, settings, summary, progress, total)
                occupop.load(pipeline, tables, with_empty=is_incomplete)
            progress(f"loaded {summary.events:,} of {total:,} events")
    return (watermark or {}) | {entry.slot: entry.seq for entry in entries}


def _counted(
    shredded: Iterable[tuple[Batch, Mapping[str, Any]]],
    settings: Settings,
    summary: Summary,
    progress: Progress,
    total: int,
) -> Iterator[Mapping[str, Any]]:
    """The tables of the batches of a load, counted as they come."""
    for batch, tables in shredded:
        runs.still_ours(settings)
        summary.segments += len(batch.entries)
        summary.events += _lines(tables)
        summary.damaged += [f"{slot}/{seq}" for slot, seq in sorted(batch.damaged)]
        progress(f"read {summary.events:,} of {total:,} events")
        yield tables


def _open(settings: Settings) -> tuple[Any, dict[str, int] | None, list[str]]:
    """The pipeline, its watermark (None before any load), and what its tables lack."""
    from pipelines import occupop
    from pipelines.layout import missing_columns

    pipeline = occupop.start(settings)
    with pipeline.sql_client() as client:
        missing = missing_columns(client, settings.warehouse)
        watermark = occupop.watermark(client)
        occupop.sweep(settings, client)
    return pipeline, watermark, missing


def _lines(tables: Mapping[str, Any]) -> int:
    """Landed lines in a batch, those of damaged entries left out."""
    rows = tables["loaded_segments"].to_pylist()
    return sum(row["rows"] for row in rows if not row["damaged"])


def _batches(entries: list[Entry], *, is_incomplete: bool) -> Iterable[Batch]:
    """The batches to load; an empty one if need be, so that every table and column exists."""
    return [Batch()] if is_incomplete and not entries else batches(entries)


def _says_older(missing: list[str]) -> str:
    return (
        f"the raw tables were of an older version: {', '.join(missing)} added, empty in what was"
        " loaded before; `hiring sync --full-refresh` fills it from the landing zone"
    )


def _refuse_unerased(settings: Settings) -> None:
    """A landing zone out of a backup may hold people who were erased since."""
    if unapplied(settings.home):
        raise SyncFailed(
            "an erasure is not finished in this landing zone (it was killed, or the landing zone"
            " is from a backup): run `hiring forget --reapply`, then `hiring sync`"
        )


def _refuse_lost_landing(landing: Landing, watermark: Mapping[str, int]) -> None:
    """The landing zone is the truth: a run on less of it than was loaded would hide a loss."""
    for slot, seq in watermark.items():
        if not landing.manifest(slot, seq).exists() and not any(
            entry.first <= seq <= entry.seq for entry in landing.all_entries(slot)
        ):
            raise SyncFailed(
                f"batch {seq} of slot {slot} was loaded, but {landing.root} no longer has it:"
                " restore the landing zone from a backup, or rebuild from what is left with"
                " `hiring sync --full-refresh`"
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
