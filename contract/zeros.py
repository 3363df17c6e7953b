"""The zeros in which a journal may end: it is written over a file of zeros."""

from __future__ import annotations

import os
from typing import BinaryIO

_BLOCK = 1 << 20


def begin(file: BinaryIO) -> int:
    """Where they begin: the size of what was written. The position in the file stays."""
    offset = os.fstat(file.fileno()).st_size
    while offset:
        start = max(0, offset - _BLOCK)
        if written := len(os.pread(file.fileno(), offset - start, start).rstrip(b"\0")):
            return start + written
        offset = start
    return 0
