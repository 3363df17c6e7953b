"""Formats of what lies on disk: no program may work on what a newer one wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contract import formats
from contract.settings import Settings
from operations.finding import Finding

UPGRADE = "install the version of hiring that wrote it, or a later one"


def check(settings: Settings, _environ: Mapping[str, str]) -> Iterator[Finding]:
    yield from _landing(settings)
    found = formats.published_format(settings.published)
    if found is not None:  # what can't be read is told by the check of the published file
        yield _finding("the published file", found, formats.PUBLISHED, "hiring sync")


def _landing(settings: Settings) -> Iterator[Finding]:
    if settings.zone.root.is_dir():
        try:
            found = formats.landing_format(settings.zone.root)
        except formats.NewerHome as error:
            yield Finding("formats", False, str(error), UPGRADE)
        else:
            yield _finding("the landing zone", found, formats.LANDING)


def _finding(what: str, found: int, known: int, renew: str = "") -> Finding:
    text = f"{what} is of format {found}; this version knows {known}"
    if found > known:
        return Finding("formats", False, text, UPGRADE)
    return Finding("formats", found == known or not renew, text, renew if found < known else "")
