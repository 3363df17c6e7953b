"""The ledger: a row of docs/reliability.md for each run, so that counts add up over time."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

LEDGER = Path("docs/reliability.md")
_ROW = re.compile(r"\| \S+ \| \S+ \| (?P<part>\w+) \| (?P<first>\d+)-(?P<last>\d+) \|")


@dataclass
class Run:
    """What a run of one part has found so far."""

    part: str
    first: int
    trials: int = 0
    acked: int = 0
    lost: int = 0
    wrong: int = 0
    seconds: float = 0.0
    commit: str = field(default_factory=lambda: commit())

    def row(self) -> str:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
        seeds = f"{self.first}-{self.first + self.trials - 1}"
        cells = (now, self.commit, self.part, seeds, self.trials, self.acked, self.lost, self.wrong)
        return "| " + " | ".join(map(str, cells)) + f" | {self.seconds:.0f} |"


def commit() -> str:
    """The commit that runs; with a + when the receiver differs from it."""
    head = git("rev-parse", "--short=10", "HEAD")
    dirty = git(
        "status", "--porcelain", "--", "receiver", "contract", "shipping", "benchmarks/campaign"
    )
    return head + ("+" if dirty else "")


def git(*arguments: str) -> str:
    done = subprocess.run(("git", *arguments), check=True, capture_output=True, text=True)
    return done.stdout.strip()


def next_seed(part: str, ledger: Path = LEDGER) -> int:
    """One after the highest seed of a part: a stopped campaign goes on where it was."""
    rows = [m for line in ledger.read_text().splitlines() if (m := _ROW.match(line))]
    return 1 + max((int(row["last"]) for row in rows if row["part"] == part), default=0)


def append(run: Run, ledger: Path = LEDGER) -> None:
    """Add the row; the table stands at the end of the page."""
    if run.trials:
        with ledger.open("a") as file:
            file.write(run.row() + "\n")
