"""How the stages are put together: what the command line, the worker and the benchmarks run.

Each function hands one stage what it needs of the others. A stage is imported where it is used.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract import formats, lock, runs
from contract.settings import Settings

if TYPE_CHECKING:
    from notebooks.filters import Filters
    from pipelines.summary import Summary

RUNS_IMPORT = ("duckdb", "dlt", "dbt.cli.main", "pandas", "pipelines.ahead", "warehouse.build")
Progress = Callable[[str], None]


def quiet(_: str) -> None:
    """No progress: a worker's runs are noted in state/."""


def run_sync(
    given: Settings,
    tell: Progress,
    full_refresh: bool = False,
    as_known_at: datetime | None = None,
    out: Path | None = None,
    *,
    is_cold: bool = False,
) -> Summary:
    """The pipeline's sync with the warehouse's build and publish handed in.

    is_cold: nothing is imported yet, and this process has nothing open.
    """
    from pipelines.known import as_known_at as known
    from pipelines.sync import sync
    from receiver.quarantine import Quarantine

    def build(home: Settings, summary: Summary, tell: Progress) -> None:
        from warehouse.build import build

        built = build(home, full_refresh=full_refresh, progress=lambda m: tell(f"built {m}"))
        if built.rebuilt and not full_refresh:
            summary.notes.append(f"models were rebuilt: {built.rebuilt}")

    def publish(home: Settings, summary: Summary, tell: Progress) -> None:
        from warehouse.publish import publish

        tell("publishing")
        summary.rows = publish(home).tables
        summary.published = str(home.published)

    store = exchange(given)

    def fetch(_: Settings, __: Summary, tell: Progress) -> None:
        store.gather(tell, again=full_refresh)

    def push(_: Settings, __: Summary, ___: Progress) -> None:
        store.scatter()

    formats.refuse_newer_published(given.published)
    if as_known_at and out:
        with suppress(lock.LockHeld), runs.on_this_host(given, "hiring sync --as-known-at"):
            store.gather(tell)  # while a run holds the lock, it is what that run fetched
        return known(given, as_known_at, out, build=build, publish=publish, progress=tell)
    return sync(
        given,
        build=build,
        publish=publish,
        fetch=fetch if given.landing_url else None,
        push=push if given.landing_url else None,
        ready=partial(let_dbt_read, given) if is_cold and given.engine == "duckdb" else None,
        quarantined=lambda: Quarantine(given).count(),
        full_refresh=full_refresh,
        progress=tell,
    )


def sync_or_finish_erasure(given: Settings) -> None:
    """A worker's beat: an erasure that was killed comes first."""
    from privacy.forget import is_pending, reapply

    if is_pending(given):
        reapply(given, hands(given, quiet), progress=quiet)
    else:
        run_sync(given, quiet)


def run_report(
    given: Settings, tell: Progress, filters: Filters | None = None, out: Path | None = None
) -> Any:
    """The report on the published tables, and beside it the data dictionary."""
    from notebooks.filters import Filters
    from notebooks.report import report
    from warehouse.dictionary import write_dictionary

    formats.refuse_newer_published(given.published)
    formats.refuse_older_published(given.published)
    folder = out or given.reports
    done = report(
        given.published,
        folder,
        filters=filters or Filters(),
        timezone=given.timezone,
        group=given.analyst_group,
        progress=tell,
    )
    write_dictionary(given.published, folder / "dictionary.html", given.analyst_group)
    return done


def run_retain(given: Settings, tell: Progress, *, dry_run: bool = False) -> Any:
    """Retention, with what an erasure needs."""
    from privacy.retain import retain

    return retain(given, hands(given, tell), dry_run=dry_run, progress=tell)


def hands(given: Settings, tell: Progress) -> Any:
    """What an erasure needs of the stages: sealing dead journals, the quarantine, a sync."""
    from privacy.forget import Hands
    from receiver import seal
    from receiver.damage import keeper
    from receiver.quarantine import Quarantine
    from receiver.slot import left_behind

    quarantine, store = Quarantine(given), exchange(given)

    def seal_left_behind() -> None:
        for slot in left_behind(given.outbox):
            seal.seal_all(slot, keeper(quarantine))

    return Hands(
        seal_left_behind,
        quarantine,
        lambda: run_sync(given, tell),
        gather=lambda: store.gather(tell),
        erase=store.erase,
        audit=store.audit,
    )


def exchange(given: Settings) -> Any:
    """What runs need of the object store; without one its methods do nothing."""
    if given.landing_url is None:
        from shipping.alone import Alone

        return Alone()
    from contract.tombstones import Tombstones
    from privacy.rewrite import screened
    from shipping.exchange import Exchange

    return Exchange(given, lambda: partial(screened, erased=Tombstones.of(given.home)))


@contextmanager
def shipping_beside(given: Settings) -> Iterator[None]:
    """Ships to the object store, if there is one, in a process of its own."""
    if given.landing_url is None:
        yield
        return
    from receiver import logs
    from shipping.beside import beside

    with beside(given, partial(logs.configure, given.log_level)):
        yield


def warm_up(given: Settings) -> None:
    """What every run of a worker needs is done once: imports, and that dbt reads its project."""
    from pipelines.child import warm

    warm(RUNS_IMPORT)
    if given.engine == "duckdb":  # the others connect when dbt reads
        with suppress(lock.LockHeld), runs.on_this_host(given, "hiring worker"):
            let_dbt_read(given)
    gc.freeze()  # a child that looked through all of it for garbage would copy it


def let_dbt_read(given: Settings) -> None:
    """Import what a build needs, and have dbt read its project."""
    from warehouse.build import warm

    warm(given)
