"""The open batch of a slot: what `write` took is on disk when it returns.

Not thread-safe: one caller at a time. `receiver/commit.py` is the asynchronous front.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic

from receiver import spare
from receiver.places import Key, Places
from receiver.slot import Slot

_KNOWN_MOST = 4  # closed batches whose places are kept: while none can be sealed, they pile up
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NoSpace(RuntimeError):
    """The disk took none of it; the journal is as before, and a later write may succeed."""


class Poisoned(RuntimeError):
    """A sync failed: what this process believes of the file can't be trusted any more.

    After a failed fsync the kernel counts the pages as clean, so that a second one 'succeeds'
    with the data lost. The process must end; the next one reads the disk again.
    """


class Journal:
    """Appends to `journal/<slot>-<seq>.journal`; `rotate` closes a batch and hands it to the seal.

    `waiting` holds (seq, path) of closed batches, oldest first: those of an earlier process too.
    A journal that was found is never continued. `places` are those of the open batch.
    """

    def __init__(self, slot: Slot, sync: Callable[[int], None] = os.fdatasync) -> None:
        self.slot = slot
        self.waiting = deque(slot.landing.open_journals(slot.name))
        self.size = 0
        self.places = Places()
        self.poisoned = False
        self.last_sync_seconds = 0.0
        self._sync = sync
        self._descriptor = -1
        self._known: dict[int, Places] = {}
        self._path = Path()
        self._seq = max([slot.last_sealed, *(seq for seq, _ in self.waiting)])

    def write(self, data: bytes, frames: Iterable[tuple[Key, int]] | Places = ()) -> None:
        """Append `data` (whole frames) durably. frames: the partition and length of each, or
        their places in `data`.

        Raises NoSpace, with the file cut back to what it held before, or Poisoned.
        """
        if self.poisoned:
            raise Poisoned("the journal is poisoned")
        if self._descriptor < 0:
            self._open()
        try:
            self._write_all(data)
        except OSError as error:
            self._take_back()
            if error.errno in _NO_SPACE:
                raise NoSpace(type(error).__name__) from error
            self._poison(error)
        self._make_durable()
        self.size += len(data)
        if isinstance(frames, Places):
            self.places.follow(frames)
        else:
            self.places.wrote(frames)

    def _open(self) -> None:
        path = self.slot.landing.journal(self.slot.name, self._seq + 1)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            found = spare.take(self.slot.landing.spare(self.slot.name), path)
            self._descriptor = os.open(path, flags, 0o600) if found is None else found
        except OSError as error:  # nothing is in doubt yet
            raise NoSpace(type(error).__name__) from error
        self._path = path
        self._seq += 1
        self.size, self.places = 0, Places()
        try:  # the name too, before the first answer out of a new file
            self.slot.sync_folder()
        except OSError as error:
            self._poison(error)

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            written = os.write(self._descriptor, rest)
            if not written:
                raise OSError(errno.ENOSPC, "nothing was written")
            rest = rest[written:]

    def _take_back(self) -> None:
        """Cut a partial write off, so that no torn line stands before a later whole one."""
        try:
            os.ftruncate(self._descriptor, self.size)
            os.lseek(self._descriptor, self.size, os.SEEK_SET)
        except OSError as error:
            self._poison(error)

    def _make_durable(self) -> None:
        start = monotonic()
        try:
            self._sync(self._descriptor)
        except OSError as error:
            self._poison(error)
        self.last_sync_seconds = monotonic() - start

    def _poison(self, error: OSError) -> None:
        self.poisoned = True
        raise Poisoned(f"the journal can't be made durable: {type(error).__name__}") from error

    def rotate(self) -> None:
        """Close the open batch, if it holds anything; the next write begins another."""
        if self._descriptor < 0 or not self.size:
            return
        self.waiting.append((self._seq, self._path))
        if len(self._known) < _KNOWN_MOST:
            self._known[self._seq] = self.places
        self._close()
        self.size, self.places = 0, Places()

    def known(self, seq: int) -> Places | None:
        """The places of a closed batch, once: when its seal fails, the next one scans it."""
        return self._known.pop(seq, None)

    def close(self) -> None:
        """Close the file and leave it as it is. An empty one is removed."""
        if self._descriptor >= 0 and not self.size and not self.poisoned:
            with suppress(OSError):
                self._path.unlink()
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
