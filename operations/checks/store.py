"""The object store: reached, listed, written to; and nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from contract.outbox import Outbox
from contract.settings import Settings
from operations.finding import Finding
from operations.words import bytes_text, duration

_LATE = 300.0


def check(
    probe: Callable[[], str | None],
) -> Callable[[Settings, Mapping[str, str]], Iterator[Finding]]:
    """probe: tries the store; what is wrong with it, or None."""
    return lambda settings, _environ: _findings(settings, probe)


def _findings(settings: Settings, probe: Callable[[], str | None]) -> Iterator[Finding]:
    if settings.landing_url is None:
        return
    wrong = probe()
    if wrong:
        mend = "mend what it names (docs/object-store.md), then hiring ship"
        yield Finding("store", False, wrong, mend)
    else:
        yield Finding("store", True, f"{settings.landing_url} can be read and written")
    outbox = Outbox.read(settings.home, settings.state)
    what = f"{outbox.batches:,} batches ({bytes_text(outbox.bytes)}) wait to be shipped"
    if outbox.age > _LATE:
        late = f"{what}, the oldest for {duration(outbox.age)}"
        yield Finding("store", False, late, "hiring ship, or restart hiring serve")
    else:
        yield Finding("store", True, what)
