"""How the whole stands: what came, what waits, what was loaded, and what needs attention.

Reads listings, state/*.json and the published file; never warehouse.duckdb, so that it blocks
no run and no run blocks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from contract import formats
from contract.outbox import Outbox
from contract.settings import Settings
from contract.tombstones import unapplied
from operations import notes, status_text
from operations.concerns import Concern, concerns
from operations.disk import Disk, disk
from operations.ledger import Ledger, ledger
from operations.notes import Reception, Run
from operations.published import Finding, NotReadable, Published
from operations.tally import tally
from operations.waiting import Waiting, journals, waiting

PACKAGES = ("occupop-hiring", "dlt", "dbt-core", "dbt-duckdb", "duckdb")


@dataclass(frozen=True)
class Status:
    """Everything that `hiring status` tells. Times are UTC, sizes bytes, lags seconds.

    lag: age of the oldest sealed batch that is not loaded; 0.0 when none waits.
    last_lag: from the last event of the last run's data to the end of that run.
    unerased: erasures that the landing zone was not rewritten for.
    shipping: what waits for the object store, and how that goes; None without one.
    """

    at: datetime
    home: Path
    versions: dict[str, str]
    reception: Reception
    journals: list[tuple[str, int, float]]
    waiting: Waiting
    run: Run | None
    worker: dict[str, Any]
    published: Published | None
    unpublished: str
    ledger: Ledger
    quarantined: int
    damaged: list[str]
    disk: Disk
    unerased: int = 0
    shipping: Outbox | None = None
    concerns: tuple[Concern, ...] = ()

    @property
    def attention(self) -> list[str]:
        """What someone has to look at; empty when all is well."""
        return [concern.text for concern in self.concerns]

    @property
    def last_event_at(self) -> datetime | None:
        """When the last event came: by the receiver, or as published (an import)."""
        known = (self.reception.last_event_at, self.published and self.published.as_of)
        return max((at for at in known if at), default=None)

    @property
    def lag(self) -> float:
        return (self.at - self.waiting.oldest_at).total_seconds() if self.waiting.oldest_at else 0.0

    @property
    def last_lag(self) -> float | None:
        as_of = self.published.as_of if self.published else None
        if not (self.run and self.run.events and as_of):
            return None
        return (self.run.finished_at - as_of).total_seconds()

    @property
    def drift(self) -> tuple[Finding, ...]:
        return self.published.drift if self.published else ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "home": str(self.home),
            "attention": self.attention,
            "last_event_at": self.last_event_at,
            "tokens_last_used": self.reception.tokens,
            "waiting": vars(self.waiting),
            "lag_seconds": self.lag,
            "last_lag_seconds": self.last_lag,
            "open_journal_bytes": sum(size for _, size, _ in self.journals),
            "last_sync": self.run.as_dict() if self.run else None,
            "as_of": self.published.as_of if self.published else None,
            "worker": self.worker,
            "quarantined": self.quarantined,
            "drift": [vars(one) for one in self.drift],
            "damaged": self.damaged,
            "shipping": self.shipping.as_dict() if self.shipping else None,
            "unfinished_erasures": self.unerased,
            "ledger": self.ledger.as_dict(),
            "disk": vars(self.disk) | {"days_left": self.disk.days_left},
            "versions": self.versions,
        }

    def lines(self) -> list[str]:
        """For a person; what needs attention comes last."""
        return status_text.lines(self)


def status(settings: Settings, quarantined: int, now: datetime | None = None) -> Status:
    """How HIRING_HOME stands. quarantined: bodies in quarantine, counted by the receiver's room.

    Work is proportional to what is new, and once a day to the number of batches. Raises OSError.
    """
    run, landing = Run.read(settings.state, settings.published), settings.zone
    published, why = _published(settings.published)
    counted = tally(settings.zone.home, settings.state)
    set_aside = (one.subject for one in published.damaged) if published else ()
    reception, waits = Reception.read(settings.state), waiting(landing, counted, published, run)
    found = Status(
        at=now or datetime.now(UTC),
        home=settings.home,
        versions=versions(),
        reception=reception,
        journals=journals(settings.outbox),
        waiting=waits,
        run=run,
        worker=notes.read(settings.state / "worker.json"),
        published=published,
        unpublished=why,
        ledger=ledger(counted, published, reception, waits),
        quarantined=quarantined,
        damaged=sorted({*counted.damaged, *counted.unreadable, *set_aside}),
        disk=disk(settings.home, counted),
        unerased=len(unapplied(settings.home)),
        shipping=Outbox.read(settings.home, settings.state) if settings.landing_url else None,
    )
    return Status(**{**vars(found), "concerns": tuple(concerns(found, settings))})


def _published(path: Path) -> tuple[Published | None, str]:
    try:
        return Published.read(path), ""
    except NotReadable as error:
        return None, error.why


def versions() -> dict[str, str]:
    """Of our packages, and of the formats that they write."""
    found = {"landing format": str(formats.LANDING), "published format": str(formats.PUBLISHED)}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
