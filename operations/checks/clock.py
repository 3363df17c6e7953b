"""The clock: nothing that landed may lie in the future, and the system should keep time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from contract.settings import Settings
from operations.finding import Finding
from operations.notes import Reception
from operations.words import duration

_TOLERATED = 300.0
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_SET = "timedatectl set-ntp true"


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    last = Reception.read(settings.state).last_event_at
    ahead = last.timestamp() - time.time() if last else 0.0
    if ahead > _TOLERATED:
        what = f"the clock stands {duration(ahead)} before the last event that was received"
        yield Finding("clock", False, what, _SET)
        return
    known = _SYNCHRONISED.exists()
    what = "kept by systemd-timesyncd" if known else "not known to be synchronised"
    yield Finding("clock", True, what, "" if known else f"{_SET}, or chrony")
