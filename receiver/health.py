"""Whether landing can be durable now: asked by /readyz."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic

from receiver.commit import GroupCommit

_CACHE_SECONDS = 2.0
_PROBE_BYTES = 64 << 10


class Readiness:
    """False only when landing can't be durable: disk full, folder not writable, poisoned."""

    def __init__(self, commit: GroupCommit, journals: Path, slot: str) -> None:
        self._commit = commit
        self._probe = journals / f"{slot}.probe"
        self._asked = -_CACHE_SECONDS
        self._disk: str | None = None

    def problem(self) -> str | None:
        """poisoned, no_space or not_writable; None when all is well. May block on the disk."""
        if self._commit.journal.poisoned:
            return "poisoned"
        if monotonic() - self._asked >= _CACHE_SECONDS:
            self._asked = monotonic()
            self._disk = self._try_disk()
        return self._disk

    def forget(self) -> None:
        """Ask the disk again at the next question."""
        self._asked = -_CACHE_SECONDS

    def _try_disk(self) -> str | None:
        try:
            descriptor = os.open(self._probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError:
            return "not_writable"
        try:
            if os.write(descriptor, b"\0" * _PROBE_BYTES) != _PROBE_BYTES:
                return "no_space"
            os.fdatasync(descriptor)
        except OSError:
            return "no_space"
        finally:
            os.close(descriptor)
            with suppress(OSError):
                self._probe.unlink()
        return None
