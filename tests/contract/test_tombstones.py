from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from contract import envelope, tombstones
from contract.tombstones import Key, Tombstone, TombstoneKeyLost, Tombstones

ERASED = datetime(2026, 5, 1, tzinfo=UTC)
UUID = "c9b1aae2-875b-4c41-b3f3-779a50bea464"
OTHER = "11111111-875b-4c41-b3f3-779a50bea464"


@pytest.fixture
def erased(tmp_path: Path) -> Tombstones:
    key = Key.of(tmp_path)
    tombstones.write(
        tmp_path,
        Tombstone(
            "first",
            envelope.timestamp(ERASED),
            (key.candidate(UUID),),
            (key.email("Ann@Example.com"),),
        ),
    )
    return Tombstones.of(tmp_path)


def landed(event_name: str = "CandidateResource_updated", **data: Any) -> bytes:
    payload = {
        "meta": {"event_name": event_name, "resource_type": "CandidateResource"},
        "data": data,
    }
    body = orjson.dumps(payload)
    event = envelope.understand(body)
    return envelope.line(body, event, event_id="e", landed_at=ERASED, webhook_id="msg_1")


def test_an_id_is_covered_for_ever_and_in_any_case(erased: Tombstones) -> None:
    late = ERASED + timedelta(days=999)
    assert erased.covers(UUID.upper(), None, late)
    assert not erased.covers(OTHER, None, None)


def test_an_address_is_covered_for_states_until_the_erasure(erased: Tombstones) -> None:
    assert erased.covers(OTHER, " ANN@example.COM", ERASED)
    assert not erased.covers(OTHER, "ann@example.com", ERASED + timedelta(microseconds=1))
    assert erased.covers(OTHER, "ann@example.com", None)
    assert not erased.covers(OTHER, "bob@example.com", None)


def test_a_covered_line_becomes_a_stub_that_names_nobody(erased: Tombstones) -> None:
    line = landed(uuid=UUID, email="ann@example.com", updated_at="2026-04-01 09:00:00")
    stub = erased.line(line)
    head, body = envelope.split(stub)
    assert head["tombstoned"] is True
    assert (head["event_id"], head["event_name"]) == ("e", "CandidateResource_updated")
    assert head["resource_uuid"] is None
    assert "webhook_id" not in head
    assert head["body_sha256"] != envelope.head(line)["body_sha256"]
    assert b"ann" not in stub.lower()
    assert UUID.encode() not in stub
    assert envelope.understand(body).event_name == "CandidateResource_updated"
    assert erased.line(stub) == stub


def test_a_state_newer_than_the_erasure_says_who_is_still_alive(
    erased: Tombstones, tmp_path: Path
) -> None:
    stub = erased.line(landed(uuid=UUID, updated_at="2026-05-01T00:00:00.000001Z"))
    assert envelope.head(stub)["alive"] == Key.of(tmp_path).candidate(UUID)
    stub = erased.line(landed(uuid=UUID, updated_at="2026-05-01T00:00:00Z"))
    assert "alive" not in envelope.head(stub)


def test_lines_of_others_stay_as_they_are_to_the_byte(erased: Tombstones) -> None:
    lines = [
        landed(uuid=OTHER, email="bob@example.com"),
        landed(uuid=OTHER, email="ann@example.com", updated_at="2026-06-01 09:00:00"),
        landed(uuid=OTHER, profile=f"I know {UUID}"),
        b"not a line\n",
    ]
    assert list(erased.apply(lines)) == lines


def test_in_an_event_that_is_not_documented_an_id_may_stand_anywhere(erased: Tombstones) -> None:
    line = landed("CandidateResource_deleted", gone=[{"candidate": f"urn:{UUID.upper()}"}])
    assert envelope.head(erased.line(line))["tombstoned"] is True
    line = landed("CandidateResource_deleted", note="Ann <ANN@example.com>")
    assert envelope.head(erased.line(line))["tombstoned"] is True


def test_one_lost_copy_is_no_loss_and_no_identifier_is_kept(
    erased: Tombstones, tmp_path: Path
) -> None:
    kept = list(tmp_path.rglob("*.json"))
    assert len(kept) == 2
    for path in kept:
        assert UUID not in path.read_text()
        assert "@" not in path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_bytes()
        path.unlink()
        assert Tombstones.of(tmp_path).covers(UUID, None, None)
        path.write_bytes(text)
    assert (tmp_path / "secrets" / "tombstone_key").stat().st_mode & 0o777 == 0o600


def test_without_the_key_nothing_is_guessed(erased: Tombstones, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "tombstone_key").unlink()
    with pytest.raises(TombstoneKeyLost):
        Tombstones.of(tmp_path)


def test_an_older_landing_zone_is_found_out(erased: Tombstones, tmp_path: Path) -> None:
    assert tombstones.unapplied(tmp_path) == ["first"]
    tombstones.mark_applied(tmp_path, ["first"])
    assert tombstones.unapplied(tmp_path) == []
    (tmp_path / "landing" / "_erased" / "first").unlink()
    assert tombstones.unapplied(tmp_path) == ["first"]
