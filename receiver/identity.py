"""Event ids that are a function of what was landed, so that a repeat counts nothing twice."""

from __future__ import annotations

import hashlib
from datetime import datetime

from contract.envelope import timestamp

_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


def derived(*parts: str) -> str:
    """A UUID of version 8 (RFC 9562, section 5.8) from the SHA-256 of `parts`."""
    text = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    variant = _VARIANT[text[16]]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


class Occurrences:
    """Event ids of plain payloads in one call: by body, as-of time and n-th occurrence."""

    def __init__(self, as_of: datetime | None) -> None:
        self._as_of = timestamp(as_of) if as_of else ""
        self._once: set[int] = set()
        self._more: dict[int, int] = {}

    def event_id(self, digest: bytes) -> str:
        """`digest` is the SHA-256 of the body."""
        # 64 bits of it tell bodies apart well enough to count them: a collision would only
        # number two bodies jointly, and the id is made of the whole digest.
        short = int.from_bytes(digest[:8])
        count = 0
        if short in self._once:
            count = self._more[short] = self._more.get(short, 0) + 1
        else:
            self._once.add(short)
        return derived(digest.hex(), self._as_of, str(count))
