"""What could not be understood is kept, within a quota, and can be tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.settings import Settings
from receiver.identity import derived
from receiver.quarantine import NotInQuarantine, Quarantine, QuarantineFull
from receiver.retry import retry
from tests.receiver.conftest import Start, landed, payload

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def quarantine(tmp_path: Path) -> Quarantine:
    return Quarantine(Settings(home=tmp_path, quarantine_bytes=5 * 4096))


def put(quarantine: Quarantine, number: int, body: bytes = b"x", at: datetime = NOW) -> str:
    place = derived("test", str(number))
    quarantine.put(body, "not_json", id=place, received_at=at)
    return place


def test_a_body_comes_back_byte_exact_with_allowed_headers_only(quarantine: Quarantine) -> None:
    body = b"\n{\0\xff\r\n\n"
    headers = [(b"user-agent", b"sender/1"), (b"authorization", b"Bearer secret")]
    place = derived("one")
    quarantine.put(body, "not_json", id=place, received_at=NOW, headers=headers, token="main")
    item, kept = quarantine.show(place)
    assert kept == body
    assert item.headers == {"user-agent": "sender/1"}
    assert (item.reason, item.token, item.received_at) == (
        "not_json",
        "main",
        "2026-11-24T09:30:00.000000Z",
    )
    assert list(quarantine.list()) == [item]


def test_the_quota_counts_what_the_disk_gives(quarantine: Quarantine) -> None:
    for number in range(5):
        put(quarantine, number)
    with pytest.raises(QuarantineFull):
        put(quarantine, 5)
    put(quarantine, 0)  # it is there already
    quarantine.remove(derived("test", "1"))
    put(quarantine, 5)
    assert quarantine.count() == 5


def test_a_full_quarantine_refuses_bad_bodies_and_takes_good_events(start: Start) -> None:
    receiver = start(quarantine_bytes=4096)
    assert receiver.post(b"bad").status_code == 200
    answer = receiver.post(b"bad")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert receiver.post(payload()).status_code == 200
    assert receiver.client.get("/readyz").status_code == 200


def test_old_bodies_are_swept_and_their_room_is_free_again(quarantine: Quarantine) -> None:
    for number in range(4):
        put(quarantine, number, at=NOW - timedelta(days=30 + number % 2))
    assert quarantine.sweep(NOW) == 2
    assert {item.received_at[:10] for item in quarantine.list()} == {"2026-10-25"}
    for number in range(10, 13):
        put(quarantine, number)


def test_a_sweep_leaves_the_folder_that_may_be_written_to_at_this_moment(
    quarantine: Quarantine,
) -> None:
    """A body that was about to be kept there would be refused otherwise."""
    folders = [
        quarantine.root / (NOW - timedelta(days=age)).strftime("%Y-%m-%d") for age in (0, 31)
    ]
    for folder in folders:
        folder.mkdir(parents=True)
    quarantine.sweep(NOW)
    assert [folder.exists() for folder in folders] == [True, False]


@pytest.mark.parametrize("place", ["../../etc/passwd", "", "x" * 36, derived("nobody")])
def test_an_unknown_id_is_said_to_be_unknown(quarantine: Quarantine, place: str) -> None:
    put(quarantine, 1)
    with pytest.raises(NotInQuarantine):
        quarantine.show(place)


def test_retry_lands_what_is_understood_by_now_and_keeps_the_rest(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    quarantine = Quarantine(settings)
    good, bad = put(quarantine, 1, payload(1)), put(quarantine, 2, b"still bad")
    result = retry(settings)
    assert (result.landed, result.kept) == (1, 1)
    [(head, body)] = landed(tmp_path)
    assert body == payload(1)
    assert head["landed_at"] == "2026-11-24T09:30:00.000000Z"
    assert [item.id for item in quarantine.list()] == [bad]
    with pytest.raises(NotInQuarantine):
        retry(settings, [good])


def test_a_retry_that_died_before_it_removed_counts_nothing_twice(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for _ in range(2):
        put(Quarantine(settings), 1, payload(1))
        retry(settings)
    heads = [head for head, _ in landed(tmp_path)]
    assert len(heads) == 2
    assert heads[0] == heads[1]
