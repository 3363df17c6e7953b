"""Hiring flows: the steps of a job and how candidates pass through them."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step: what leaves it, and after how long.

    advances, rejects: probabilities; the rest withdraws.
    days: median of the stay, which is lognormal with `SPREAD`.
    ordered: the shipped stage map knows its place. A step without one is only entered from the
        step before it, so that its place can be learned and no known stage is passed unseen.
    """

    name: str
    advances: float
    rejects: float
    days: float
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """Steps in order. `hires_in` None: hired in the last step, else in a step of that name."""

    name: str
    steps: tuple[FlowStep, ...]
    hires_in: str | None
    weight: int


SPREAD = 0.9

FLOWS = (
    Flow(
        "office",
        (
            FlowStep("Applied", 0.40, 0.56, 4),
            FlowStep("Screening", 0.55, 0.40, 3),
            FlowStep("Phone Interview", 0.60, 0.32, 5),
            FlowStep("Interview", 0.50, 0.42, 7),
            FlowStep("Second Interview", 0.60, 0.30, 6),
            FlowStep("Offer", 0.80, 0.05, 3),
        ),
        "Hired",
        30,
    ),
    Flow(
        "retail",
        (
            FlowStep("Applied", 0.45, 0.50, 2),
            FlowStep("Screening", 0.65, 0.28, 2),
            FlowStep("Interview", 0.55, 0.35, 4),
            FlowStep("Tasting Day", 0.75, 0.15, 3, ordered=False),
            FlowStep("Offer", 0.85, 0.03, 1),
        ),
        "Hired",
        25,
    ),
    Flow(
        "technology",
        (
            FlowStep("Applied", 0.35, 0.60, 5),
            FlowStep("Screening", 0.60, 0.35, 4),
            FlowStep("Assessment", 0.50, 0.40, 6, ordered=False),
            FlowStep("Interview", 0.45, 0.45, 8),
            FlowStep("Offer", 0.75, 0.05, 4),
        ),
        None,
        20,
    ),
    Flow(
        "volume",
        (FlowStep("Applied", 0.50, 0.45, 1), FlowStep("Interview", 0.60, 0.35, 2)),
        "Hired",
        15,
    ),
    Flow(
        "care",
        (
            FlowStep("Applied", 0.50, 0.42, 3),
            FlowStep("Interview", 0.60, 0.32, 5),
            FlowStep("Home Visit", 0.85, 0.08, 14, ordered=False),
            FlowStep("Offer", 0.88, 0.02, 2),
        ),
        None,
        10,
    ),
)


def choose_flow(rng: random.Random) -> Flow:
    return rng.choices(FLOWS, [flow.weight for flow in FLOWS])[0]
