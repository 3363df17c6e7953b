"""The landing zone into the raw tables: what is sealed beyond the watermark, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from contract import runs, warehouse
from contract.landing import Entry, Landing
from contract.settings import Settings
from pipelines.child import Progress, RunFailed, beside
from pipelines.failure import SyncFailed, naming
from pipelines.segments import Batch, batches, in_order
from pipelines.summary import Summary

if TYPE_CHECKING:
    from pipelines.ahead import Shredder

LAST_RUN = "last_run.json"  # the summary of the last good run
_OLDER_COPY = (
    "warehouse.duckdb was put back from an older copy, beside the log of the newer one: the log"
    " was removed, and what the copy lacks is loaded again"
)


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
    from pipelines.ahead import Shredder

    landing = landing or settings.zone
    with closing(Shredder(settings, landing, landed_before)) as shredder:
        begun = None
        if (noted := _noted_watermark(settings)) is not None:
            with naming("reading the landing zone"):
                begun = _Sealed.beyond(noted, landing)
            shredder.begin(batches(begun.entries))
        return _load(shredder, summary, progress, begun)


class _Sealed(NamedTuple):
    """What is sealed beyond a watermark, in the order of loading."""

    watermark: dict[str, int]
    entries: list[Entry]

    @classmethod
    def beyond(cls, watermark: dict[str, int], landing: Landing) -> _Sealed:
        return cls(watermark, in_order(landing.entries(watermark)))


def _load(
    shredder: Shredder, summary: Summary, progress: Progress, sealed: _Sealed | None
) -> dict[str, int]:
    """sealed: what was begun with, beyond the watermark or another."""
    from pipelines import occupop

    settings, landing = shredder.settings, shredder.landing
    with summary.step("start"), naming("opening the warehouse"):
        if warehouse.leave_unfit_log(settings):
            summary.notes.append(_OLDER_COPY)
        pipeline, watermark, missing = _open(settings)
        known = watermark or {}
        if sealed is None or sealed.watermark != known:
            sealed = _Sealed.beyond(known, landing)
    _refuse_lost_landing(landing, known)
    if missing and watermark is not None:
        summary.notes.append(_says_older(missing))
    is_incomplete = watermark is None or bool(missing)
    todo = _batches(sealed.entries, is_incomplete=is_incomplete)
    total = sum(entry.rows for entry in sealed.entries)
    loads = shredder.loads(pipeline, known, todo, summary)
    with occupop.held(pipeline), closing(loads):
        for batches_of_load in loads:
            with summary.step("load"), naming("load"):
                tables = _counted(batches_of_load, settings, summary, progress, total)
                occupop.load(settings, pipeline, tables, with_empty=is_incomplete)
            progress(f"loaded {summary.events:,} of {total:,} events")
    return known | {entry.slot: entry.seq for entry in sealed.entries}


def _noted_watermark(settings: Settings) -> dict[str, int] | None:
    """What the destination will most likely tell, before it is opened; None: who knows."""
    if settings.engine == "duckdb" and not settings.warehouse.exists():
        return {}
    try:
        noted = orjson.loads((settings.state / LAST_RUN).read_bytes())["watermark"]
    except (OSError, ValueError, KeyError):
        return None
    return dict(noted)


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


def load_beside(
    ready: Callable[[], object], settings: Settings, summary: Summary, progress: Progress
) -> None:
    """Load in a child, while `ready` is done here; what loading held is no memory of this process.

    Raises SyncFailed.
    """

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
