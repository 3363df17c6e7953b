"""Event ids that are a function of what was landed, so that a repeat counts nothing twice."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


def derived(*parts: str) -> str:
    """A UUID of version 8 (RFC 9562, section 5.8) from the SHA-256 of `parts`."""
    return _uuid(hashlib.sha256("\0".join(parts).encode()).hexdigest())


def _uuid(text: str) -> str:
    variant = _VARIANT[text[16]]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def of_import(body_sha256: str, as_of: str | None, occurrence: int) -> str:
    """The event id of a plain payload: by body, as-of time and n-th occurrence in one call."""
    return derived(body_sha256, as_of or "", str(occurrence))


def of_imports(bodies_sha256: Sequence[str], as_of: str | None) -> list[str]:
    """`of_import` of each, the first time that it comes."""
    rest = f"\0{as_of or ''}\0{0}"
    names = [hashlib.sha256((body + rest).encode()).hexdigest() for body in bodies_sha256]
    return [_uuid(name) for name in names]


def shorts(digests: Iterable[bytes]) -> array[int]:
    """Of bodies' SHA-256 what their occurrences are counted by.

    64 bits tell bodies apart well enough for that: a collision would only number two bodies
    jointly, and the id is made of the whole digest.
    """
    return array("Q", b"".join([digest[:8] for digest in digests]))


class Occurrences:
    """How often bodies came in one call."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._more: dict[int, int] = {}

    def before(self, body: int) -> int:
        """How often the body (by its short digest) came before this time."""
        if body in self._once:
            self._more[body] = self._more.get(body, 0) + 1
            return self._more[body]
        self._once.add(body)
        return 0

    def repeated(self, bodies: Mapping[int, int]) -> dict[int, int]:
        """Of short digests by number, in order: numbers of those that came before; how often."""
        each = Counter(bodies.values())
        recur = {body for body, times in each.items() if times > 1 or body in self._once}
        self._once.update(each.keys() - recur)
        again = [(number, body) for number, body in bodies.items() if body in recur]
        counted = [(number, self.before(body)) for number, body in again]
        return {number: count for number, count in counted if count}
