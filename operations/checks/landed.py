"""The landing zone: whole, without leftovers, and with every kind of event."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from contract.settings import Settings
from operations.finding import Finding
from operations.zone import Zone

CHOOSE = "choose it at Occupop: Settings > API Settings > Webhooks"


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    zone = Zone(settings.zone.home)
    bad = [*zone.unreadable, *zone.damaged]
    if bad:
        what = f"{len(bad)} files are missing or damaged: {bad[0]}, …"
        yield Finding("landing", False, what, "restore them, then hiring sync --full-refresh")
    else:
        yield Finding("landing", True, f"{len(zone.entries):,} batches, {zone.rows:,} events")
    yield from _strays(zone)
    if settings.zone != settings.outbox:
        yield from _strays(Zone(settings.home))
    if not zone.rows:
        yield Finding("events", True, "no event yet", "create the webhook: docs/install.md")
        return
    for name in zone.never_received():
        yield Finding("events", False, f"{name} was never received", CHOOSE)


def _strays(zone: Zone) -> Iterator[Finding]:
    strays = zone.strays()
    if strays:
        first = shlex.quote(str(zone.landing.root / strays[0]))
        what = f"{len(strays)} files that the manifest does not name: {strays[0]}, …"
        mend = f"hiring land {first} (what is known counts once), then rm it"
        yield Finding("landing", False, what, mend)
