"""A home without an object store: what it seals is what it reads."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]


class Alone:
    """As `Exchange`, with nothing to do."""

    def ship(self, progress: Progress) -> None: ...

    def gather(self, progress: Progress, *, again: bool = False) -> None: ...

    def scatter(self) -> None: ...

    def erase(self) -> None: ...

    def audit(self) -> None: ...
