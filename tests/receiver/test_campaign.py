"""Short forms of the campaign's parts; the long ones: `python -m benchmarks.campaign`."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.campaign import floods, fuzz, schema, tails
from benchmarks.campaign.ledger import Run, append, next_seed
from benchmarks.campaign.sender import Sender, Sent
from benchmarks.campaign.serving import TOKEN, Serving
from tests.receiver.conftest import Start


def test_any_body_lands_as_it_is_or_is_kept_as_it_is(start: Start) -> None:
    receiver = start(max_body_bytes=65536)
    sent = Sent()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=fuzz.bodies, seed=st.integers(0, 1000))
    def post(body: bytes, seed: int) -> None:
        for form in (body, fuzz.mutated(body, random.Random(seed))):
            answer = receiver.post(form)
            assert answer.status_code == 200
            told = answer.json()
            if told["status"] == "landed":
                sent.acked[told["event_id"]] = form
            elif told["status"] == "quarantined":
                sent.kept[told["id"]] = form

    post()
    receiver.stop()
    verdict = fuzz.check(receiver.home, sent)
    assert verdict.acked > 100
    assert verdict.good, verdict


def test_hostile_crowds_starve_no_one_and_cost_no_memory(tmp_path: Path) -> None:
    every = range(len(floods.ATTACKS))
    for verdict in floods.floods(tmp_path, every[2:3], clients=100, seconds=1.5):
        assert verdict.acked > 0
        assert verdict.good, verdict


def test_schemathesis_finds_no_undeclared_answer(tmp_path: Path) -> None:
    serving = Serving(tmp_path / "home", workers=1, admin_token=TOKEN)
    try:
        serving.wait()
        done = schema.run(serving, 1, 10, "fuzzing")
    finally:
        serving.stop()
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_ledger_goes_on_after_its_last_row(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.md"
    ledger.write_text("| time | commit | part |\n|---|---|---|\n")
    assert next_seed("kills", ledger) == 1
    append(Run("kills", first=1, trials=7, acked=100), ledger)
    append(Run("cuts", first=1, trials=2), ledger)
    append(Run("kills", first=8), ledger)  # nothing was done: no row
    assert next_seed("kills", ledger) == 8
    assert next_seed("cuts", ledger) == 3


def test_the_tails_campaign_sees_a_line_that_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own control: a recovery that forgets the first line is noticed."""
    recover = tails._recover
    monkeypatch.setattr(tails, "_recover", lambda home, content: recover(home, content)[1:])
    [verdict] = tails.tails(tmp_path, range(1, 2), step=500)
    assert verdict.lost > 0


def test_a_sender_remembers_only_what_was_answered(start: Start) -> None:
    receiver = start()
    sender = Sender(receiver.port, receiver.path, seed=1, connections=2)

    async def run() -> None:
        running = asyncio.create_task(sender.run())
        await asyncio.sleep(0.3)
        sender.stop()
        await running

    asyncio.run(run())
    assert len(receiver.stop()) == len(sender.result.acked) > 0
