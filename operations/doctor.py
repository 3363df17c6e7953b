"""What is wrong here, and the command that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from contract.settings import Settings
from operations.checks import (
    clock,
    disk,
    formats,
    home,
    lake,
    landed,
    port,
    published,
    schedule,
    secrets,
    store,
)
from operations.finding import Finding

Check = Callable[[Settings, Mapping[str, str]], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    secrets.check,
    home.check,
    disk.check,
    clock.check,
    port.check,
    formats.check,
    lake.check,
    published.check,
    landed.check,
    schedule.check,
)


def examine(
    settings: Settings, environ: Mapping[str, str], probe: Callable[[], str | None] = lambda: None
) -> list[Finding]:
    """Every check on HIRING_HOME, in the order in which they should be mended.

    environ: the variables that settings were made from (for what settings do not keep: the
    length of tokens). `.env` is looked for in the working folder; the receiver on
    127.0.0.1:8000 unless environ says PORT. probe: tries the object store, and says what is
    wrong with it. Changes nothing; never raises for what it finds.
    """
    found: list[Finding] = []
    named = [(check.__module__.rpartition(".")[2], check) for check in CHECKS]
    for name, check in (*named, ("store", store.check(probe))):
        try:
            found += check(settings, environ)
        except OSError as error:
            where = Path(error.filename).name if isinstance(error.filename, str) else "a file"
            found.append(
                Finding(name, False, f"{where}: {error.strerror}", "run it as the service's user")
            )
    return found


def lines(findings: list[Finding]) -> list[str]:
    """For a person: one line a finding, its mend below; what is wrong stands last."""
    ordered = sorted(findings, key=lambda one: not one.ok)
    body = [text for one in ordered for text in one.lines()]
    wrong = sum(not one.ok for one in findings)
    return [*body, "", f"{len(findings)} checks, {wrong} wrong"]
