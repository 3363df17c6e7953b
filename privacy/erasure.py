"""The report of an erasure: names nobody, people are their tombstones' hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from contract import durable
from privacy.proof import Proof


@dataclass(frozen=True)
class Erasure:
    """What was found where, what was removed, and the proof.

    id: None for a dry run and for `reapply`. people: hashes of candidate ids; none in a dry run.
    found: place -> rows, lines, bodies that held a value. followed: candidates that came by a
    shared address. shared: values that others have, too. mentions: lines of others that name them.
    alive: who was erased here and has newer states at Occupop, by hash -> states.
    lines, segments: of the landing zone. rewritten: files that were made anew. proof: None for a
    dry run.
    """

    id: str | None
    erased_at: str | None
    people: tuple[str, ...]
    candidates: int
    found: Mapping[str, int]
    followed: int = 0
    shared: int = 0
    mentions: int = 0
    lines: int = 0
    segments: int = 0
    quarantined: int = 0
    reports: int = 0
    rewritten: tuple[str, ...] = ()
    alive: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    proof: Proof | None = None

    @property
    def is_proven(self) -> bool:
        """Whether nothing is left of what only these people have."""
        return self.proof is not None and self.proof.is_clean

    def as_dict(self) -> dict[str, Any]:
        proof = self.proof.as_dict() if self.proof else None
        return asdict(self) | {"proof": proof, "is_proven": self.is_proven}

    def write(self, home: Path) -> Path:
        """Keep it under state/erasures/."""
        name = self.id or f"reapplied-{(self.erased_at or '').replace(':', '')}"
        path = home / "state" / "erasures" / f"{name}.json"
        durable.write(path, [orjson.dumps(self.as_dict(), option=orjson.OPT_INDENT_2)])
        return path

    def lines_of_text(self) -> list[str]:
        """For a person."""
        found = [f"  {place:<52} {count:>8,}" for place, count in self.found.items()]
        head = f"{self.candidates:,} candidates"
        if self.followed:
            head += f", {self.followed:,} of them by a shared address"
        notes = []
        if self.mentions:
            notes.append(
                f"! {self.mentions:,} events of others name them: nobody else's events are changed"
            )
        if self.proof is None:
            return [f"{head}: would be erased", *(["found:", *found] if found else []), *notes]
        return [
            f"{head}: {self.lines:,} landed lines became stubs, {self.segments:,} segments,"
            f" {self.quarantined:,} quarantined bodies, {self.reports:,} reports",
            *(["found before:", *found] if found else []),
            *notes,
            *self._proof(self.proof),
        ]

    def _proof(self, proof: Proof) -> list[str]:
        read = sum(proof.looked.values())
        left = [
            f"! still in {place}: {n:,}" for place, n in {**proof.hits, **proof.byte_hits}.items()
        ]
        other = [f"! not ours, remove it yourself: {place}" for place in proof.elsewhere]
        if store := proof.store:
            other.append(
                f"store: {store['objects']:,} objects compared with what was searched:"
                f" {store['differing']:,} differ, {store['stale']:,} of before are left;"
                f" {store['newer']:,} newer, {store['foreign']:,} not ours"
            )
        verdict = "nothing is left" if proof.is_clean else "NOT PROVEN"
        return [
            f"proof: {verdict}; {proof.values:,} values looked for in {read:,} rows, lines and"
            f" bodies and in the bytes of {proof.bytes_scanned:,} files;"
            f" the control was found in {len(proof.controls)} kinds of storage",
            *left,
            *other,
            *(f"! still at Occupop, with newer states: {digest}" for digest in self.alive),
            f"seconds: {self.seconds:.1f}",
        ]
