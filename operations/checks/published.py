"""The published file: readable, of a format that is known, and nothing in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contract.settings import Settings
from operations.finding import Finding
from operations.published import NotReadable, Published


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    path = settings.published
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        what = f"{wal.name} stands beside it: someone opened it for writing; runs refuse to publish"
        yield Finding("published", False, what, f"close that program, then rm {wal}")
    if not path.exists():
        yield Finding("published", False, f"{path.name} is not there yet", "hiring sync")
        return
    try:
        published = Published.read(path)
    except NotReadable as error:
        what = f"{path.name} cannot be read: {error.why}"
        yield Finding("published", False, what, "hiring sync; if it stays, rm it and sync again")
        return
    as_of = published.as_of
    when = f"as of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else "without events"
    yield Finding("published", True, f"{path.name} is readable, {when}")
