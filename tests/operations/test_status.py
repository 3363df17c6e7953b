"""`hiring status`: the ledger, the lags, and what needs attention."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from contract import tombstones
from operations.status import status

NOW = datetime.now(UTC)


def keys(found):
    return [concern.key for concern in found.concerns]


def test_a_home_where_all_is_loaded_needs_no_attention_and_its_ledger_balances(home):
    home.settled(3)
    found = status(home.settings, quarantined=0)
    assert found.attention == []
    assert (found.ledger.landed, found.ledger.loaded, found.ledger.waiting) == (3, 3, 0)
    assert found.ledger.unexplained == 0
    assert found.lines()[-1] == "nothing needs attention"


def test_an_empty_home_is_no_alarm(home):
    found = status(home.settings, quarantined=0)
    assert found.attention == []
    assert found.run is None
    assert found.last_event_at is None


def test_a_batch_beyond_the_watermark_waits_and_its_age_is_the_lag(home):
    home.settled(3)
    home.ran(watermark={"w0": 1})
    entry = home.land(NOW, NOW)
    sealed = time.time() - 50
    os.utime(home.landing.manifest("w0", entry.seq), (sealed, sealed))
    found = status(home.settings, quarantined=0)
    assert (found.waiting.segments, found.waiting.events) == (1, 2)
    assert found.lag == pytest.approx(50, abs=5)
    assert found.ledger.unexplained == 0


def test_without_a_watermark_what_waits_is_what_is_not_counted_as_loaded(home):
    home.settled(3)
    home.land(NOW, NOW)
    assert status(home.settings, quarantined=0).waiting.events == 2


def test_between_publishing_and_its_note_a_run_is_no_imbalance(home):
    home.settled(3)
    home.ran(watermark={"w0": 1})
    home.land(NOW, NOW)
    home.publish(5)
    later = time.time() + 5
    os.utime(home.settings.published, (later, later))
    found = status(home.settings, quarantined=0)
    assert (found.waiting.events, found.ledger.unexplained) == (0, 0)


def test_events_that_are_neither_loaded_nor_waiting_are_told(home):
    home.settled(3)
    home.ran(watermark={"w0": 1})
    home.publish(2)
    home.ran(watermark={"w0": 1})
    found = status(home.settings, quarantined=0)
    assert found.ledger.unexplained == 1
    assert "ledger" in keys(found)


def test_a_missing_or_shortened_segment_is_damaged_and_waits_until_a_run_sets_it_aside(home):
    home.settled(3)
    lost = home.land(NOW, NOW)
    (home.landing.root / lost.files[0].path).write_bytes(b"{}")
    found = status(home.settings, quarantined=0)
    assert found.damaged == [lost.files[0].path]
    assert (found.ledger.set_aside, found.ledger.waiting, found.ledger.unexplained) == (0, 2, 0)
    assert "damaged" in keys(found)
    home.publish(3, quality=[("damaged segment", f"w0/{lost.seq}", 2)])
    home.ran(watermark={"w0": lost.seq})
    found = status(home.settings, quarantined=0)
    assert found.damaged == [lost.files[0].path, f"w0/{lost.seq}"]
    assert (found.ledger.set_aside, found.ledger.waiting, found.ledger.unexplained) == (2, 0, 0)


def test_a_segment_that_was_put_back_is_whole_again(home):
    home.settled(3)
    lost = home.land(NOW, NOW)
    path = home.landing.root / lost.files[0].path
    kept = path.read_bytes()
    path.unlink()
    assert status(home.settings, quarantined=0).damaged == [lost.files[0].path]
    path.write_bytes(kept)
    assert status(home.settings, quarantined=0).damaged == []


def test_an_unreadable_manifest_entry_is_damaged(home):
    home.settled(3)
    home.landing.manifest("w0", 2).write_bytes(b"{")
    assert "_manifest/w0/000000002.json" in status(home.settings, quarantined=0).damaged


def test_a_late_run_needs_attention_and_an_early_one_does_not(home, changed):
    home.settled(3)
    home.ran(NOW - timedelta(seconds=300))
    assert keys(status(changed(sync_within=200), quarantined=0, now=NOW)) == ["sync_late"]
    assert keys(status(changed(sync_within=400), quarantined=0, now=NOW)) == []


def test_what_was_never_loaded_needs_a_first_run(home):
    home.land(NOW)
    assert keys(status(home.settings, quarantined=0)) == ["no_sync"]


def test_a_published_file_that_is_no_database_needs_attention_without_its_text(home):
    home.settled(3)
    home.settings.published.write_bytes(b"Jane Example" * 100)
    found = status(home.settings, quarantined=0)
    assert "published" in keys(found)
    assert "Jane" not in "\n".join(found.lines())


def test_quarantine_disk_and_refusals_for_good_need_attention(home, changed):
    home.settled(3)
    home.note("receiver/w0.json", refused={"too_big": 2, "wrong_token": 9}, last_event=1.0)
    found = status(changed(free_bytes=1 << 60), quarantined=4)
    assert keys(found) == ["lost", "quarantine", "disk"]


def test_the_receivers_counts_are_summed_over_its_workers_and_tokens_keep_their_latest_use(home):
    home.settled(3)
    home.note(
        "receiver/w0.json",
        landed={"a": 2},
        quarantined={"empty": 1},
        refused={"wrong_token": 1},
        pings=1,
        unanswered=1,
        last_event=NOW.timestamp() - 60,
        used={"old": 100.0, "new": NOW.timestamp() - 90},
    )
    home.note("receiver/w1.json", landed={"a": 3}, used={"old": 200.0})
    found = status(home.settings, quarantined=0)
    assert (found.ledger.answered, found.ledger.refused, found.ledger.attempts) == (7, 1, 9)
    assert found.reception.tokens["old"].timestamp() == 200.0
    assert found.last_event_at == found.published.as_of  # later than the receiver's


def test_a_journal_with_events_that_no_one_writes_to_was_left_behind(home):
    home.settled(3)
    home.landing.journals.mkdir()
    journal = home.landing.journal("w0", 2)
    journal.write_bytes(b"x" * 10 + bytes(5000))
    found = status(home.settings, quarantined=0)
    assert keys(found) == []
    assert [size for _, size, _ in found.journals] == [10]
    os.utime(journal, (time.time() - 500,) * 2)
    assert keys(status(home.settings, quarantined=0)) == ["journal"]


def test_drift_that_loses_values_or_awaits_a_map_needs_attention_and_new_fields_do_not(home):
    home.settled(3)
    home.publish(
        3,
        quality=[
            ("contract drift: unknown_field", "CandidateResource.x", 9),
            ("contract drift: not_converted", "JobResource.salary", 2),
            ("unmapped status", "Keep warm", 1),
        ],
    )
    found = status(home.settings, quarantined=0)
    assert keys(found) == ["contract drift: not_converted", "unmapped status"]
    assert len(found.drift) == 3


def test_a_job_that_fails_again_and_again_in_the_worker_is_told_by_its_class(home):
    home.settled(3)
    job = {"failures_in_a_row": 4, "last_error": "SyncFailed"}
    home.note("worker.json", jobs={"sync": job, "report": {"failures_in_a_row": 0}})
    (concern,) = status(home.settings, quarantined=0).concerns
    assert (concern.key, concern.size) == ("failing sync", 4)


def test_an_erasure_that_the_landing_zone_was_not_rewritten_for_comes_first(home):
    home.settled(3)
    tombstones.write(home.path, tombstones.Tombstone("one", tombstones.now(), ("hash",), ()))
    assert keys(status(home.settings, quarantined=1)) == ["erasure", "quarantine"]
    tombstones.mark_applied(home.path, ["one"])
    assert keys(status(home.settings, quarantined=0)) == []


def test_as_json_it_says_the_same_and_shows_no_uuid_of_a_candidate(home):
    home.settled(3)
    text = json.dumps(status(home.settings, quarantined=1).as_dict(), default=str)
    assert json.loads(text)["ledger"]["landed"] == 3
    assert json.loads(text)["attention"] != []
