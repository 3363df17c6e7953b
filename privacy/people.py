"""Who is meant by an erasure: candidate ids and e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from contract.identities import normalised


class NobodyNamed(ValueError):
    """Neither a candidate id nor an address was given."""


@dataclass(frozen=True)
class People:
    """candidates: ids in lower case. emails: addresses, normalised.

    is_whole: a person is meant, so that other candidate ids with the same address go, too.
    """

    candidates: frozenset[str]
    emails: frozenset[str]
    is_whole: bool = True

    @classmethod
    def of(
        cls, candidates: Iterable[str] = (), emails: Iterable[str] = (), *, is_whole: bool = True
    ) -> People:
        """Raises NobodyNamed."""
        people = cls(
            frozenset(c.strip().lower() for c in candidates if c.strip()),
            frozenset(normalised(e) for e in emails if e.strip()),
            is_whole,
        )
        if not people.candidates and not people.emails:
            raise NobodyNamed("name a candidate id or an e-mail address")
        return people

    @classmethod
    def in_file(cls, path: Path) -> People:
        """One candidate id or address a line. Raises NobodyNamed, OSError."""
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
        named = [line for line in lines if line and not line.startswith("#")]
        return cls.of([n for n in named if "@" not in n], [n for n in named if "@" in n])
