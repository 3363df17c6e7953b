from __future__ import annotations

from collections import defaultdict

import orjson
import pytest

from contract.envelope import NotUnderstood, understand
from simulator.bodies import SAMPLES, not_understood
from simulator.company import Company
from simulator.payload import Shape
from simulator.schedule import BAD, CANDIDATE, JOB, OTHER, Delivery, Schedule, landable


@pytest.fixture(scope="module")
def deliveries(company: Company) -> list[Delivery]:
    return list(Schedule(company, seed=5))


def test_the_same_seed_sends_the_same_bytes_in_the_same_order(company: Company) -> None:
    assert list(Schedule(company, seed=5)) == list(Schedule(company, seed=5))


def test_another_seed_sends_another_order_of_the_same_states(
    company: Company, deliveries: list[Delivery]
) -> None:
    others = list(Schedule(company, seed=6))

    assert [one.body for one in others] != [one.body for one in deliveries]
    assert _states(others) == _states(deliveries)


def _states(deliveries: list[Delivery]) -> set[tuple[str, str]]:
    """(uuid, status) of what is sent; times and shapes differ."""
    data = [orjson.loads(one.body)["data"] for one in deliveries if one.kind == CANDIDATE]
    return {((one["uuid"] or "").lower(), one["status"]) for one in data}


def test_every_landable_body_is_understood(deliveries: list[Delivery]) -> None:
    names = {understand(one.body).event_name for one in landable(deliveries)}

    assert "JobResource_created" in names
    assert "../Reports/weekly" in names


def test_bad_bodies_are_never_understood(deliveries: list[Delivery]) -> None:
    bad = [one.body for one in deliveries if one.kind == BAD]

    assert sorted(bad) == sorted(not_understood())
    for body in bad:
        with pytest.raises(NotUnderstood):
            understand(body)


def test_the_vendors_samples_are_among_the_bad_bodies() -> None:
    samples = [path.read_bytes() for path in SAMPLES.glob("*.txt")]

    assert len(samples) == 2
    assert all(b'"event_name": "' in sample and b'",\n}' in sample for sample in samples)
    assert set(samples) < set(not_understood())


def test_candidates_come_late_and_more_than_once(
    company: Company, deliveries: list[Delivery]
) -> None:
    sent = [one for one in deliveries if one.kind == CANDIDATE]
    times = defaultdict(list)
    for one in sent:
        data = orjson.loads(one.body)["data"]
        times[data["uuid"] and data["uuid"].lower()].append(data["updated_at"] or "")

    assert len(sent) > company.truth.totals["candidate_states"]
    assert any(of_one != sorted(of_one) for of_one in times.values())


def test_bodies_are_laid_out_with_lf_and_with_crlf(deliveries: list[Delivery]) -> None:
    sent = [one.body for one in deliveries if one.kind == CANDIDATE]

    assert any(b"\r\n" in body for body in sent)
    assert any(b"\n" in body and b"\r" not in body for body in sent)


def test_a_jobs_states_keep_their_order(company: Company, deliveries: list[Delivery]) -> None:
    versions = {
        job.uuid: [event.data["title"] for _, event in company.job_events(job, Shape())]
        for job in company.jobs
    }
    sent = defaultdict(list)
    for one in deliveries:
        if one.kind == JOB and not one.is_stale and one.chain is not None:
            sent[one.chain].append(orjson.loads(one.body)["data"]["title"])

    for job_uuid, titles in sent.items():
        assert _runs(titles) == _runs(versions[job_uuid])


def _runs(values: list[str]) -> list[str]:
    return [v for place, v in enumerate(values) if place == 0 or values[place - 1] != v]


def test_a_stale_job_state_follows_right_upon_the_one_that_replaced_it(company: Company) -> None:
    found = 0
    for seed in range(12):
        last: dict[str, list[bytes]] = defaultdict(list)
        for one in Schedule(company, seed):
            if one.chain is None:
                continue
            if one.is_stale:
                found += 1
                assert len({*map(_version, last[one.chain])}) > 1
                assert _version(one.body) in map(_version, last[one.chain][:-1])
            last[one.chain].append(one.body)

    assert found


def _version(body: bytes) -> str:
    data = orjson.loads(body)["data"]
    closed = str(data["closed_for_applicants"]).lower() in ("true", "1", "yes")
    return f"{data['title']} {data['salary']} {closed} {data['published_at'][:10]}"


def test_other_kinds_are_sent_once(deliveries: list[Delivery]) -> None:
    assert len([one for one in deliveries if one.kind == OTHER]) == 4
