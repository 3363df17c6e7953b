from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.events import CandidateEvent, JobEvent
from simulator.candidates import TIED
from simulator.company import Company, make_company
from simulator.payload import SHAPES

END = datetime(2026, 11, 1, 12, tzinfo=UTC)


def everything(company: Company) -> list[object]:
    shape = SHAPES[0]
    jobs = [company.job_events(job, shape) for job in company.jobs]
    states = [
        company.candidate_event(candidate, state, shape)
        for candidate in company.candidates
        for state in company.sent_states(candidate)
    ]
    return [*jobs, *states, *company.other_events()]


def test_the_same_seed_gives_the_same_company_event_for_event() -> None:
    first, second = (make_company(candidates=60, seed=3, end=END) for _ in range(2))

    assert everything(first) == everything(second)
    assert first.truth == second.truth


def test_another_seed_gives_another_company() -> None:
    first, second = (make_company(candidates=60, seed=seed, end=END) for seed in (3, 4))

    assert everything(first) != everything(second)


def test_an_end_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        make_company(candidates=1, seed=1, end=datetime(2026, 11, 1))


def test_a_company_without_candidates_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        make_company(candidates=0, seed=1, end=END)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), candidates=st.integers(1, 80))
def test_states_of_a_candidate_have_distinct_rising_times_within_the_year(
    seed: int, candidates: int
) -> None:
    company = make_company(candidates=candidates, seed=seed, end=END)

    for candidate in company.candidates:
        times = [state.at for state in company.sent_states(candidate)]
        assert times == sorted(times)
        assert len(times) - len(set(times)) <= (candidate.oddity == TIED)
        assert all(END - timedelta(days=365) <= time <= END for time in times)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_version_of_a_job_equals_an_earlier_one(seed: int) -> None:
    company = make_company(candidates=1, seed=seed, end=END)

    for job in company.jobs:
        data = [event.data for _, event in company.job_events(job, SHAPES[0])]
        assert all(one not in data[:place] for place, one in enumerate(data))


def test_payloads_follow_the_contract_and_leave_no_documented_field_out(company: Company) -> None:
    job = next(job for job in company.jobs if company.sent_versions(job))
    candidate = next(one for one in company.candidates if company.sent_states(one))
    for shape in SHAPES:
        _, posted = company.job_events(job, shape)[0]
        state = company.sent_states(candidate)[0]
        applied = company.candidate_event(candidate, state, shape)

        read_job = JobEvent.model_validate(posted.payload).data
        read_candidate = CandidateEvent.model_validate(applied.payload).data

        assert type(read_job).model_fields.keys() <= posted.data.keys()
        assert type(read_candidate).model_fields.keys() <= applied.data.keys()
        assert read_candidate.location is not None
        assert read_candidate.location.city_full_name == candidate.place.city_full_name


def test_no_address_can_reach_anyone(company: Company) -> None:
    addresses = [one.person.email for one in company.candidates if one.person.email]

    assert addresses
    assert all(
        address.strip().lower().endswith(("@example.com", "@example.org", ".example.com", ".test"))
        for address in addresses
    )


def test_a_year_holds_every_mishap_that_the_definitions_speak_of() -> None:
    truth = make_company(candidates=3000, seed=1, end=END).truth

    totals = truth.totals
    assert all(totals[outcome] for outcome in ("open", "hired", "rejected", "withdrawn"))
    assert totals["transferred"]
    assert totals["left_truncated"]
    assert totals["order_ambiguous"]
    assert totals["without_uuid"]
    assert totals["without_job"]
    assert totals["unmapped"]
    assert totals["persons"] < totals["applications"]
    assert {one.job_uuid for one in truth.applications if not one.visits}
    assert truth.exit_kinds["moved_back"]
    assert truth.exit_kinds["hired"] > totals["hired"], "some were un-hired"
    assert any(not one.hired_at for one in truth.applications)
