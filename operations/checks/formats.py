"""Versions of what lies on disk: an older program must not work on a newer home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import orjson

from contract import envelope
from contract.landing import DamagedManifest, Entry, Landing
from contract.settings import Settings
from operations.finding import Finding

UPGRADE = "install the version of hiring that wrote it, or a later one"
_HEAD = 4096


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    version = _landed_version(Landing(settings.home))
    if version is None:
        return
    fits = version <= envelope.VERSION
    what = f"landed lines are of version {version}; this program knows {envelope.VERSION}"
    yield Finding("formats", fits, what, "" if fits else UPGRADE)


def _landed_version(landing: Landing) -> int | None:
    """Of the newest segments; None when none can be read."""
    versions = [
        v
        for entry in _newest(landing)
        for file in entry.files
        if (v := _read(landing.root / file.path))
    ]
    return max(versions, default=None)


def _newest(landing: Landing) -> Iterator[Entry]:
    for slot in landing.slots():
        with suppress(DamagedManifest):  # told by the check of the landing zone
            yield from (landing.entry(slot, seq) for seq in landing.sequences(slot)[-1:])


def _read(path: Path) -> int | None:
    with suppress(OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        with path.open("rb") as file:
            head = file.read(_HEAD).partition(b',"body":')[0]
        return int(orjson.loads(head + b"}")["v"])
    return None
