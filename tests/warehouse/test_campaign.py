"""Short forms of the campaign's parts on published tables; the long: `benchmarks.campaign`."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import duckdb
import pytest

from benchmarks.campaign.companies import companies
from benchmarks.campaign.readers import Audit
from benchmarks.campaign.reading import LOOPS, SUMS, asking, whole
from contract.settings import Settings
from tests.warehouse.compiled import Models
from tests.warehouse.history import candidate, created, day, job
from warehouse.publish import publish

RUN = [
    created("a", "j", day(0), status="new", step="Applied"),
    job("j", day(0), title="Cook"),
]
NEXT = [candidate("a", "j", day(9), status="hired", step="Applied")]


@pytest.fixture(scope="module")
def runs(models: Models, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The published files of two runs."""
    files = []
    for loads in ([RUN], [RUN, NEXT]):
        settings = Settings(home=tmp_path_factory.mktemp("run"))
        with duckdb.connect(str(settings.warehouse)) as connection:
            models.build(connection, loads)
        publish(settings)
        files.append(settings.published)
    return files


@pytest.mark.parametrize("kind", sorted(LOOPS))
def test_a_reader_sees_whole_runs_one_after_the_other(
    kind: str, runs: list[Path], tmp_path: Path
) -> None:
    published, audit = tmp_path / "hiring.duckdb", Audit()
    for file in runs:
        audit.published |= {figures[0]: figures for figures in [whole(file)]}
    shutil.copy(runs[0], published)
    reads = LOOPS[kind](published, Event())
    seen = [next(reads)]
    Path(shutil.copy(runs[1], tmp_path / "new")).rename(published)
    seen += [*reads, *LOOPS["brief"](published, Event())]
    assert [audit.is_wrong(kind, figures) for figures in seen] == [False] * len(seen)
    assert len({figures[0] for figures in seen}) == 2


def test_the_audit_sees_a_mix_of_two_runs_and_a_step_back(runs: list[Path]) -> None:
    old, new = map(whole, runs)
    audit = Audit({figures[0]: figures for figures in (old, new)})
    assert old != new
    for place in range(3, len(SUMS)):
        if old[place] != new[place]:
            mixed = [*new[:place], old[place], *new[place + 1 :]]
            assert audit.is_wrong("one", mixed)
    assert not audit.is_wrong("one", new)
    assert audit.is_wrong("one", old)
    assert not audit.is_wrong("another", old)


def test_all_examples_are_asked(runs: list[Path]) -> None:
    assert len(list(asking(runs[1], Event()))) == 2


def test_a_company_holds_all_tests_and_is_the_truth(tmp_path: Path) -> None:
    (verdict,) = companies(tmp_path / "campaign", range(1, 2), candidates=40)
    assert verdict.acked > 100
    assert (verdict.lost, verdict.wrong) == (0, 0)
