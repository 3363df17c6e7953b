"""Random companies of 20,000 events from the landing zone to published tables: all must hold.

All dbt tests and invariants of warehouse/, and every figure, application and visit of
hiring.duckdb against what the simulator knows of the company.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.campaign.audit import Verdict
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines
from simulator.reconcile import reconcile
from stages import run_sync
from warehouse.build import check

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
CANDIDATES = 7000  # of about 2.9 events each


def companies(folder: Path, seeds: range, candidates: int = CANDIDATES) -> Iterator[Verdict]:
    """A verdict a company. acked: events; lost: figures that are not the truth; wrong: tests."""
    for seed in seeds:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        company = make_company(candidates=candidates, seed=seed, end=END)
        sent = write_lines(company, folder / "lines.jsonl", seed)
        settings = Settings(home=folder / "home")
        events = land(settings, [folder / "lines.jsonl"]).landed
        run_sync(settings, lambda _: None)
        checks = reconcile(settings.published, company.truth, sent)
        differ = [one for one in checks if not one.ok]
        failed = check(settings)
        for found in (*differ, *failed):
            print(f"  company {seed}: {found}")
        yield Verdict(events, len(checks), len(differ), len(failed))
