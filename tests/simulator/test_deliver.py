from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from simulator import deliver as module
from simulator import schedule
from simulator.company import Company, make_company
from simulator.deliver import BadUrl, NotLoopback, deliver
from simulator.deliveries import Deliveries
from simulator.schedule import BAD, PINGED, WRONG_TOKEN, Schedule

if TYPE_CHECKING:
    from tests.simulator.conftest import Recorder

END = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def small() -> Company:
    return make_company(candidates=25, seed=2, end=END)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF", 0.001)


def is_balanced(sent: Deliveries) -> bool:
    return sent.attempts == sent.answered_200 + sum(sent.refused.values()) + sent.unanswered


def test_every_body_arrives_once_and_byte_for_byte(recorder: Recorder, small: Company) -> None:
    sent = deliver(small, recorder.url, connections=4, seed=1)

    expected = Counter(one.body for one in Schedule(small, 1))
    assert Counter(recorder.bodies) == expected
    assert sent.attempts == expected.total()
    assert is_balanced(sent)


def test_answers_are_counted_by_their_word(recorder: Recorder, small: Company) -> None:
    sent = deliver(small, recorder.url, connections=4, seed=1)

    assert sent.answered["landed"] == sum(sent.landed.values())
    assert sent.answered["quarantined"] == sent.sent[BAD]
    assert sent.answered["ping"] == sent.sent[PINGED]
    assert sent.refused == {"404": sent.sent[WRONG_TOKEN]}
    assert (sent.unanswered, sent.lost, sent.retries) == (0, 0, 0)


def test_a_503_is_tried_again_with_the_same_body(recorder: Recorder, small: Company) -> None:
    victim = next(one.body for one in Schedule(small, 1) if one.kind == "candidate")
    recorder.answer = lambda body, before: 503 if body == victim and before < 2 else 200

    sent = deliver(small, recorder.url, connections=2, seed=1)

    assert (sent.refused["503"], sent.retries, sent.lost) == (2, 2, 0)
    assert is_balanced(sent)


def test_a_broken_connection_is_unanswered_and_tried_again(
    recorder: Recorder, small: Company
) -> None:
    victim = next(one.body for one in Schedule(small, 1) if one.kind == "candidate")
    recorder.answer = lambda body, before: None if body == victim and not before else 200

    sent = deliver(small, recorder.url, connections=2, seed=1)

    assert (sent.unanswered, sent.retries, sent.lost) == (1, 1, 0)
    assert is_balanced(sent)


def test_what_never_succeeds_is_given_up_and_counted(recorder: Recorder, small: Company) -> None:
    victim = next(one.body for one in Schedule(small, 1) if one.kind == "job")
    recorder.answer = lambda body, _before: 500 if body == victim else 200

    sent = deliver(small, recorder.url, connections=2, seed=1)

    assert sent.lost == 1
    assert sent.refused["500"] == module.RETRIES + 1
    assert is_balanced(sent)


def test_many_connections_keep_the_order_of_each_jobs_states(recorder: Recorder) -> None:
    company = make_company(candidates=600, seed=4, end=END)
    planned = defaultdict(list)
    for one in Schedule(company, 1):
        if one.chain is not None:
            planned[one.chain].append(one.body)

    chained = {body for bodies in planned.values() for body in bodies}

    deliver(company, recorder.url, connections=16, seed=1)

    arrived = defaultdict(list)
    for body in recorder.bodies:
        if body in chained:
            arrived[_uuid(body)].append(body)
    assert arrived == planned


def _uuid(body: bytes) -> str:
    return str(orjson.loads(body)["data"]["uuid"]).lower()


def test_the_rate_is_kept(recorder: Recorder) -> None:
    company = make_company(candidates=1, seed=1, end=END)
    count = len(Schedule(company, 1))

    sent = deliver(company, recorder.url, rate=count / 0.5, connections=4, seed=1)

    assert sent.seconds >= 0.5 * (count - 1) / count


def test_a_stale_job_state_is_not_sent_when_it_is_late(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "JOB_REPEATED", 0.0)
    monkeypatch.setattr(schedule, "JOB_STALE", 1.0)
    company = make_company(candidates=20, seed=4, end=END)
    stale = sum(one.is_stale for one in Schedule(company, 1))
    monkeypatch.setattr(module, "STALE_FOR", -1.0)

    sent = deliver(company, recorder.url, connections=4, seed=1)

    assert stale
    assert sent.skipped == stale


def test_progress_is_told(
    recorder: Recorder, small: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROGRESS_EVERY", 50)
    told: list[str] = []

    deliver(small, recorder.url, seed=1, progress=told.append)

    assert told[0] == f"50 of {len(Schedule(small, 1))} deliveries"


@pytest.mark.parametrize("url", ["http://hiring.example.com/hook/token", "http://192.0.2.7/x"])
def test_a_url_off_loopback_needs_a_word(url: str, small: Company) -> None:
    with pytest.raises(NotLoopback, match="--yes-send-invented-data"):
        deliver(small, url)


@pytest.mark.parametrize("url", ["ftp://localhost/x", "localhost:8000/x", "http://localhost/", ""])
def test_what_is_no_webhook_url_is_refused(url: str, small: Company) -> None:
    with pytest.raises(BadUrl):
        deliver(small, url)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_loopback_needs_no_word(host: str) -> None:
    assert module.check_url(f"http://{host}:8000/hook", anywhere=False).port == 8000


def test_deliveries_are_read_as_they_were_written(
    recorder: Recorder, small: Company, tmp_path: Path
) -> None:
    sent = deliver(small, recorder.url, seed=1)

    sent.write(tmp_path / "sent.json")

    assert Deliveries.read(tmp_path / "sent.json") == sent
