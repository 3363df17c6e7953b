from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.company import Company, make_company
from simulator.history import TERMINAL
from simulator.truth import OUTCOMES, Truth, make_truth, undecided
from simulator.vocabulary import Vocabulary

END = datetime(2026, 11, 1, 12, tzinfo=UTC)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_totals_add_up(seed: int) -> None:
    truth = make_company(candidates=120, seed=seed, end=END).truth
    totals, exits = truth.totals, truth.exit_kinds

    assert sum(totals[outcome] for outcome in OUTCOMES) == totals["applications"]
    assert sum(exits.values()) == totals["visits"]
    assert exits.get("open", 0) <= totals["open"] + totals["unmapped"]
    for stage, entered in truth.entered.items():
        if stage in truth.stage_order:
            assert entered <= truth.reached[stage]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_visits_follow_one_another_and_only_the_last_may_be_open(seed: int) -> None:
    for one in make_company(candidates=120, seed=seed, end=END).truth.applications:
        for before, after in zip(one.visits, one.visits[1:], strict=False):
            assert before.left_at is not None
            assert after.entered_at is not None
            assert before.left_at <= after.entered_at
            assert (before.exit_kind in TERMINAL) or before.left_at == after.entered_at
        if one.outcome in ("hired", "rejected", "withdrawn", "transferred") and one.visits:
            assert one.visits[-1].left_at is not None


def test_one_person_may_be_two_candidates(company: Company) -> None:
    assert company.truth.totals["persons"] < len(
        {one.candidate_uuid for one in company.truth.applications}
    )


def test_words_come_from_the_maps(company: Company) -> None:
    shipped = Vocabulary.read()
    blind = make_truth(company, Vocabulary(outcomes={}, stages=shipped.stages))

    assert blind.totals["applications"] == company.truth.totals["applications"]
    assert blind.totals["unmapped"] + blind.totals["transferred"] == blind.totals["applications"]


def test_truth_is_read_as_it_was_written(company: Company, tmp_path: Path) -> None:
    company.truth.write(tmp_path / "truth.json")

    assert Truth.read(tmp_path / "truth.json") == company.truth


def test_no_personal_value_is_in_the_truth(company: Company) -> None:
    told = company.truth.to_json()

    assert "example." not in told
    assert not any(one.person.last_name in told for one in company.candidates)


def test_only_a_step_without_an_order_leaves_doubt() -> None:
    truth = make_company(candidates=2000, seed=2, end=END).truth
    odd = {
        (one.job_uuid, visit.step_name)
        for one in truth.applications
        for visit in one.visits
        if visit.stage not in truth.stage_order
    }
    known = {
        (one.job_uuid, visit.step_name)
        for one in truth.applications
        for visit in one.visits
        if visit.stage in truth.stage_order
    }

    assert undecided(truth, odd)["offer"]
    assert not undecided(truth, known)
    assert not undecided(truth, odd)["applied"], "whoever stands in such a step had applied"
