"""`python -m benchmarks.soak --minutes 30`: the whole system under a steady stream.

`hiring serve --workers 2` and `hiring worker --every 10s` as deploy/systemd keeps them, an
invented company at 50 deliveries a second (repeats, disorder, bad bodies), two readers. On the
way: a rolling restart, SIGKILL to the worker in a run and to the receiver, a forget. At the end
every delivery is accounted for. Adds a row to docs/reliability.md; exit code 0 when every check
holds.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign.ledger import LEDGER, git
from benchmarks.soak.audit import Check, Figures, audit
from benchmarks.soak.company import make_stage
from benchmarks.soak.trial import Trial

FORGET = 5
TABLE = "| time | commit | minutes, rate |"  # how its head begins, in docs/reliability.md


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=50, help="deliveries a second")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hiring-soak"))  # noqa: S108
    parser.add_argument("--no-row", action="store_true", help="leave docs/reliability.md alone")
    given = parser.parse_args()
    commit = git("rev-parse", "--short=10", "HEAD") + ("+" if git("status", "--porcelain") else "")
    stage = make_stage(int(given.minutes * 60 * given.rate), FORGET)
    trial = Trial(given.folder, given.minutes, given.rate)
    seen = trial.run(stage)
    checks, figures = audit(trial, stage, seen)
    for check in checks:
        print(f"{'ok' if check.ok else '!!'}  {check.name:<44} {check.seen}")
    wrong = sum(not check.ok for check in checks)
    print(f"{len(checks)} checks, {wrong} wrong")
    facts = {
        "checks": list(map(vars, checks)),
        "figures": dataclasses.asdict(figures),
        "samples": {name: list(map(vars, samples)) for name, samples in seen.samples.items()},
        "runs": list(map(vars, seen.follower.runs)),
    }
    (given.folder / "soak.json").write_text(json.dumps(facts, indent=2))
    row = _row(commit, given.minutes, given.rate, checks, figures)
    print(row)
    if not given.no_row:
        add_row(LEDGER, row)
    return int(wrong > 0)


def _row(commit: str, minutes: float, rate: float, checks: list[Check], f: Figures) -> str:
    def memory(name: str) -> str:
        growth = f.slopes[name]
        told = "?" if growth is None else f"{growth / 1e6:+.2f}"
        return f"{f.at_rest[name] / 1e6:.0f}, {told}"

    cells = (
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        commit,
        f"{minutes:g}, {rate:g}/s",
        f"{f.landed:,} + {f.quarantined}",
        f"{f.loaded:,} + {f.erased}",
        f"{f.repeats:,}",
        f"{f.reads:,}",
        " / ".join(f"{lag:.1f}" for lag in f.lag),
        memory("receiver"),
        memory("worker"),
        f"{f.peak['worker'] / 1e6:.0f}",
        f"{sum(not check.ok for check in checks)} of {len(checks)}",
    )
    return "| " + " | ".join(cells) + " |"


def add_row(page: Path, row: str) -> None:
    """Below the last row of the table of soaks."""
    lines = page.read_text().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.startswith(TABLE))
    while place < len(lines) and lines[place].startswith("|"):
        place += 1
    page.write_text("".join([*lines[:place], row + "\n", *lines[place:]]))


if __name__ == "__main__":
    sys.exit(main())
