"""A company's year as JSON lines, for `hiring land`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from simulator.company import Company
from simulator.deliveries import Deliveries
from simulator.schedule import Schedule, landable


def write_lines(company: Company, path: Path, seed: int) -> Deliveries:
    """Write the deliveries that can land, one payload a line, in the order of sending.

    Returns their counts, as if each had been answered 200. Raises OSError.
    """
    kinds: Counter[str] = Counter()
    with path.open("wb", buffering=1 << 20) as file:
        for delivery in landable(Schedule(company, seed)):
            file.write(delivery.body.replace(b"\r", b" ").replace(b"\n", b" "))
            file.write(b"\n")
            kinds[delivery.kind] += 1
    counts = dict(sorted(kinds.items()))
    return Deliveries(kinds.total(), counts, {"landed": kinds.total()}, counts)
