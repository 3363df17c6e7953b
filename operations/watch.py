"""The worker's last job of a beat: look at everything and tell what needs attention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract.settings import Settings
from operations.alerts import Told, tell
from operations.concerns import Concern
from operations.exposition import write
from operations.missed import missed
from operations.published import NotReadable
from operations.silence import silence
from operations.status import Status, status


def look(settings: Settings, quarantined: int) -> Status:
    """A status with silence and missed deliveries among its concerns. Raises OSError."""
    found = status(settings, quarantined)
    return replace(found, concerns=(*found.concerns, *_beyond(settings)))


def watch(settings: Settings, quarantined: int) -> Told:
    """Look, write state/metrics/hiring.prom, and tell what is new. Raises OSError."""
    found = look(settings, quarantined)
    write(found, settings.state / "metrics" / "hiring.prom")
    return tell(settings, found.concerns)


def _beyond(settings: Settings) -> Iterator[Concern]:
    quiet = silence(settings)
    if quiet and quiet.is_unusual:
        yield quiet.concern()
    try:
        yield from missed(settings).concerns()
    except NotReadable:  # told by status
        return
