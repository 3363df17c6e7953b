"""`python -m benchmarks.campaign PART N`: N more trials of a part, a row in docs/reliability.md.

Parts: cuts, control (cuts under eatmydata: must lose), kills, tails, faults, fuzz, floods,
schema, syncs, companies, readers, coverage, conformance (needs the extra `spark`), store,
outage (ten minutes a trial).
Interrupted, it writes the row of what was done; the next run goes on with the next seed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.campaign import ledger
from benchmarks.campaign.audit import Verdict
from benchmarks.campaign.companies import companies
from benchmarks.campaign.conformance import conformance
from benchmarks.campaign.coverage import coverage
from benchmarks.campaign.crashes import cuts, kills
from benchmarks.campaign.faults import faults
from benchmarks.campaign.floods import floods
from benchmarks.campaign.fuzz import fuzz
from benchmarks.campaign.readers import readers
from benchmarks.campaign.schema import schema
from benchmarks.campaign.store import outage, store
from benchmarks.campaign.syncs import syncs
from benchmarks.campaign.tails import tails

PARTS: dict[str, Callable[[Path, range], Iterator[Verdict]]] = {
    "cuts": cuts,
    "control": lambda folder, seeds: cuts(folder, seeds, ("eatmydata",)),
    "kills": kills,
    "tails": tails,
    "faults": faults,
    "fuzz": fuzz,
    "floods": floods,
    "schema": schema,
    "syncs": syncs,
    "companies": companies,
    "readers": readers,
    "coverage": coverage,
    "conformance": conformance,
    "store": store,
    "outage": outage,
}


def main() -> int:
    """Exit code 0 when nothing was lost or wrong (control: when something was lost)."""
    parser = argparse.ArgumentParser(prog="benchmarks.campaign", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("trials", type=int)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hiring-campaign"))  # noqa: S108
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # in the background SIGINT is ignored
        signal.signal(number, signal.default_int_handler)
    first = ledger.next_seed(arguments.part)
    run = ledger.Run(arguments.part, first)
    start = time.monotonic()
    folder = arguments.folder / arguments.part
    try:
        for verdict in PARTS[arguments.part](folder, range(first, first + arguments.trials)):
            run.trials += 1
            run.acked += verdict.acked
            run.lost += verdict.lost
            run.wrong += verdict.wrong
            run.seconds = time.monotonic() - start
            print(f"{run.part} {first + run.trials - 1}: {verdict}", flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        ledger.append(run)
    return run.lost == 0 if run.part == "control" else bool(run.lost or run.wrong)


if __name__ == "__main__":
    sys.exit(main())
