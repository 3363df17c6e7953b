"""`python -m benchmarks.privacy [--candidates N] [--people 100] [--quick]`: many forgotten at once.

A company of about 100,000 events, landed and published; 100 people are forgotten, with proof. The
applications of all others are compared with those before, and every published table with that of
a company that never had these people. Then their events come again, as an old export and as a
copied landing zone, and everything is rebuilt with --full-refresh: that may bring nobody back.
Exit 1 when any of it does not hold. `--quick` takes a small company.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.campaign.ledger import commit
from benchmarks.privacy.company import Company
from contract import envelope
from contract.landing import Landing
from privacy.forget import forget
from privacy.people import People
from privacy.traces import trace


def timed(run: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it returns, seconds, and CPU seconds of this process."""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    done = run()
    after, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, seconds, cpu


def bench(folder: Path, candidates: int, people: int) -> bool:
    """Print the row; whether all of it holds."""
    company = Company(folder)
    events = company.fill(candidates)
    named = People.of(company.choose(people))
    gone = trace(Landing(company.settings.home), named).candidates
    before, (theirs, rest) = company.applications(gone), company.split(gone)
    erasure, seconds, cpu = timed(lambda: forget(company.settings, named, company.hands))
    row = [f"{events:,}", people, len(gone), f"{erasure.lines:,}", f"{seconds:.1f}", f"{cpu:.1f}"]
    proof = erasure.proof
    row += [f"{proof.values:,}", f"{sum(proof.looked.values()):,}"]
    row += [sum(proof.hits.values()) + sum(proof.byte_hits.values())]
    checks = {"applications of others as before": company.applications(gone) == before}
    other = company.never_had(rest)
    checks["every table as if they had never been"] = company.tables() == other.tables()
    company.land([*(envelope.split(line)[1] + b"\n" for line in theirs), *theirs])
    company.sync(full_refresh=True)
    checks["nobody is back after redeliveries and --full-refresh"] = company.named(gone) == 0
    other.land(company.stubs())  # as_of goes on with what is landed, of the erased, too
    other.sync()
    checks["and every table still the same"] = company.tables() == other.tables()
    print("| events | people | candidates | lines | s | CPU s | values | read | hits |")
    print("|---|---|---|---|---|---|---|---|---|")
    print(f"| {' | '.join(map(str, row))} |\n")
    for what, holds in checks.items():
        print(f"- {what}: {'yes' if holds else 'NO'}")
    return erasure.is_proven and all(checks.values())


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.privacy", description=__doc__)
    parser.add_argument("--candidates", type=int, default=35_000)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="1,000 candidates, no result")
    given = parser.parse_args()
    print(f"{' '.join(['python -m benchmarks.privacy', *sys.argv[1:]])}, commit {commit()}\n")
    with tempfile.TemporaryDirectory(prefix="bench-privacy-") as folder:
        candidates = 1000 if given.quick else given.candidates
        sys.exit(0 if bench(Path(folder), candidates, given.people) else 1)


if __name__ == "__main__":
    main()
