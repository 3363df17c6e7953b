"""The company that is simulated, whom it will be asked to forget, and the truth of the others."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from simulator.candidates import Candidate
from simulator.company import Company, make_company
from simulator.schedule import Schedule

PER_CANDIDATE = 2.95  # deliveries, about
SEED = 7


@dataclass(frozen=True)
class Stage:
    """forgotten: candidate ids. others: the company without them."""

    company: Company
    forgotten: tuple[str, ...]

    @property
    def others(self) -> Company:
        kept = (c for c in self.company.candidates if c.uuid not in self.forgotten)
        return replace(self.company, candidates=tuple(kept))


def make_stage(deliveries: int, forget: int) -> Stage:
    """A company of about so many deliveries; those to forget have events before and after the
    middle of them, and share their address with no one."""
    candidates = max(60, int(deliveries / PER_CANDIDATE))
    company = make_company(candidates=candidates, seed=SEED, end=datetime.now(UTC))
    planned = Schedule(company, SEED).planned
    middle = planned[len(planned) // 2].at
    addresses = Counter(_address(c) for c in company.candidates)
    fit = [
        c.uuid
        for c in company.candidates
        if _address(c)
        and addresses[_address(c)] == 1
        and (sent := company.sent_states(c))
        and sent[0].at.timestamp() + 7 * 86400 < middle < sent[-1].at.timestamp()
    ]
    return Stage(company, tuple(random.Random(SEED).sample(fit, min(forget, len(fit)))))  # noqa: S311


def _address(candidate: Candidate) -> str:
    return (candidate.person.email or "").strip().lower()
