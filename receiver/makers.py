"""Frames are made side by side, by a process a core, and come in the order of their chunks."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from itertools import islice
from multiprocessing.connection import Connection
from types import TracebackType

from receiver.chunk import Chunk, Framed, framed

_ALONE = 16 << 20  # bytes that are made by the time that processes have started
_MOST = 4  # processes: one that writes has no more to do
_PIPE = 1 << 20  # what is made waits in it while the next is made


class MakerDied(RuntimeError):
    """A process that makes frames was killed; what was sealed stays."""

    def __init__(self) -> None:
        super().__init__(
            "a process that makes landed lines was killed (for want of memory?);"
            " land the same files again: nothing counts twice"
        )


def made(chunks: Iterator[Chunk]) -> Generator[Framed]:
    """The frames of chunks, in order; those of a small file are all made in this process.

    Close it when it is left early. Raises MakerDied.
    """
    processes, size = min(_cores(), _MOST), 0
    makers: list[_Maker] = []
    with ExitStack() as stack:
        for chunk in chunks:
            yield framed(chunk)
            size += len(chunk.lines)
            if size >= _ALONE and not makers and processes > 1:
                makers = [stack.enter_context(_Maker()) for _ in range(processes)]
            if makers and all(maker.is_ready for maker in makers):
                yield from _side_by_side(chunks, makers)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _side_by_side(chunks: Iterator[Chunk], makers: list[_Maker]) -> Iterator[Framed]:
    busy: deque[_Maker] = deque()
    for chunk, maker in zip(islice(chunks, len(makers)), makers, strict=False):
        maker.give(chunk)
        busy.append(maker)
    while busy:
        maker = busy.popleft()
        done = maker.take()
        for chunk in islice(chunks, 1):
            maker.give(chunk)
            busy.append(maker)
        yield done


class _Maker:
    """A process that makes the frames of one chunk at a time. Its calls raise MakerDied."""

    def __init__(self) -> None:
        # Not forked from this process, which has threads, and holds the lock of a slot.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        theirs, self._chunks = context.Pipe(duplex=False)
        self._made, made = context.Pipe(duplex=False)
        for pipe in (self._chunks, self._made):
            _widen(pipe)
        self._process = context.Process(target=_make, args=(theirs, made), daemon=True)
        self._process.start()
        theirs.close()
        made.close()

    def __enter__(self) -> _Maker:
        return self

    @property
    def is_ready(self) -> bool:
        return self._made.poll()

    def give(self, chunk: Chunk) -> None:
        """A chunk to make frames of, when those of the one before were taken."""
        try:
            self._chunks.send(chunk._replace(lines=b""))
            self._chunks.send_bytes(chunk.lines)
        except OSError as error:
            raise MakerDied from error

    def take(self) -> Framed:
        """The frames of the chunk that was given."""
        try:
            while (said := self._made.recv()) is None:
                """It has started."""
            if isinstance(said, Framed):
                return said._replace(data=self._made.recv_bytes())
        except (EOFError, OSError) as error:
            raise MakerDied from error
        raise said

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The process sees its pipes close, and ends."""
        self._chunks.close()
        self._made.close()
        self._process.join()


def _widen(pipe: Connection) -> None:
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # a limit of the system; it is slower then
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)


def _make(chunks: Connection, made: Connection) -> None:
    """In the process. It ends with its parent, however that ends; a signal to the whole group is
    the parent's to see."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        made.send(None)
        while True:
            chunk = chunks.recv()._replace(lines=chunks.recv_bytes())
            try:
                done = framed(chunk)
            except Exception as error:
                made.send(error)
                return
            made.send(done._replace(data=b""))
            made.send_bytes(done.data)
