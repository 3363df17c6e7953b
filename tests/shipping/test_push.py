from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract import formats
from contract.mirror import Mirror
from pipelines.compact import compact_old_days
from pipelines.merge import merge_closed_days
from shipping.audit import audit
from shipping.exchange import ReaderTaken
from shipping.push import push
from shipping.store import Store
from tests.shipping.conftest import Home, Zone

TOMORROW = date.max


class Died(BaseException):
    """In place of a kill: nothing after it runs."""


@pytest.fixture
def merged(home: Home) -> Home:
    """Three batches in the store, merged in the mirror into one."""
    for uuid in ("ann", "bob", "eve"):
        home.land(uuid)
    home.gather()
    assert merge_closed_days(home.mirror, {"land": 3}, TOMORROW) == 2
    return home


def names(home: Home) -> list[str]:
    return sorted(one.path for one in home.store.objects() if not one.path.startswith("_"))


def test_a_merged_day_replaces_its_batches_in_the_store(merged: Home) -> None:
    before = names(merged)
    assert len(before) == 3
    assert push(merged.store, merged.mirror) == 1
    (only,) = names(merged)
    assert only.endswith("land-000000003.r1.jsonl")
    found = audit(merged.store, merged.mirror)
    assert (found.objects, found.differing, found.stale) == (2, 0, 0)
    assert push(merged.store, merged.mirror) == 0


def test_a_merged_zone_is_fetched_by_a_new_reader(merged: Home, zone: Zone) -> None:
    push(merged.store, merged.mirror)
    reader = zone.home("reader", slot_host="r")
    with pytest.raises(ReaderTaken, match="_reader"):
        reader.gather()
    merged.store.delete(["_reader"])  # that home is lost
    reader.gather()
    assert reader.read() == ["ann", "bob", "eve"]
    assert reader.mirror.merged_up_to("land") == 3


def test_a_compacted_day_stands_in_the_store_as_parquet_and_says_its_format(
    home: Home, zone: Zone
) -> None:
    uuids = [f"uuid-{number:03}" for number in range(200)]
    home.land(*uuids, profile="x" * 1000)
    home.gather()
    home.mirror.note_merged("land", 1)
    assert compact_old_days(home.mirror, TOMORROW).segments == 1
    push(home.store, home.mirror)
    (only,) = names(home)
    assert only.endswith(".r1.parquet")
    assert home.store.get("_format") == b"2\n"
    reader = zone.home("reader", slot_host="r")
    home.store.delete(["_reader"])
    reader.gather()
    assert reader.read() == uuids
    assert formats.landing_format(reader.mirror.root) == formats.PARQUET
    found = audit(reader.store, reader.mirror)
    assert (found.objects, found.differing, found.stale) == (2, 0, 0)


def test_batches_go_on_after_a_merged_day(merged: Home) -> None:
    merged.land("zoe")
    merged.gather()
    assert merged.read() == ["ann", "bob", "eve", "zoe"]
    assert audit(merged.store, merged.mirror).stale == 0


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_push_that_died_at_any_step_is_done_again(
    merged: Home, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    with monkeypatch.context() as patched:
        left = [at]

        def dying(real: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any) -> Any:
                left[0] -= 1
                if not left[0]:
                    raise Died
                return real(*arguments)

            return step

        patched.setattr(Store, "put", dying(Store.put))
        patched.setattr(Store, "delete", dying(Store.delete))
        patched.setattr(Path, "unlink", dying(Path.unlink))
        with pytest.raises(Died):
            push(merged.store, merged.mirror)
    push(merged.store, merged.mirror)
    found = audit(merged.store, merged.mirror)
    assert (found.objects, found.differing, found.stale) == (2, 0, 0)
    assert merged.mirror.all_unpushed() == []


def test_what_a_killed_push_was_to_delete_is_not_forgotten_when_it_is_rewritten_again(
    merged: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(Store, "delete", die)
        with pytest.raises(Died):
            push(merged.store, merged.mirror)
    (entry,) = merged.mirror.all_entries("land")
    merged.mirror.commit(entry)
    push(merged.store, merged.mirror)
    assert len(names(merged)) == 1


def test_what_is_rewritten_is_noted_before_it_is(home: Home) -> None:
    home.land("ann")
    home.gather()
    mirror = home.mirror
    (entry,) = mirror.all_entries("land")
    mirror.manifest("land", 1).unlink()
    mirror.manifest("land", 1).mkdir()  # the commit fails
    with pytest.raises(OSError):  # noqa: PT011
        Mirror(mirror.home).commit(entry)
    assert [(slot, seq) for slot, seq, _ in mirror.all_unpushed()] == [("land", 1)]
