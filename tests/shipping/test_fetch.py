from __future__ import annotations

import shutil

import pytest

from contract.tombstones import Key, Tombstone, now, write
from shipping import zone as there
from shipping.audit import audit
from shipping.fetch import BatchMissing
from shipping.ship import ship
from tests.shipping.conftest import Home, Zone


def test_only_what_is_new_is_fetched(home: Home) -> None:
    home.land("ann")
    home.gather()
    (first,) = home.mirror.all_entries("land")
    (home.mirror.root / first.files[0].path).unlink()
    home.land("bob")
    home.gather()
    assert home.read() == ["bob"]


def test_a_lost_mirror_is_fetched_again(home: Home) -> None:
    home.land("ann")
    home.land("bob")
    home.gather()
    shutil.rmtree(home.mirror.home)
    home.gather()
    assert home.read() == ["ann", "bob"]


def test_a_file_that_was_lost_or_cut_here_is_fetched_again_when_asked(home: Home) -> None:
    home.land("ann")
    home.land("bob")
    home.gather()
    one, two = (
        home.mirror.root / file.path
        for entry in home.mirror.all_entries("land")
        for file in entry.files
    )
    one.unlink()
    two.write_bytes(b"cut")
    home.mirror.manifest("land", 1).write_bytes(b"{")
    home.exchange.gather(lambda _: None, again=True)
    assert home.read() == ["ann", "bob"]


def test_a_batch_that_is_missing_between_two_others_is_named(home: Home) -> None:
    for uuid in ("ann", "bob", "eve"):
        home.land(uuid)
    ship(home.settings)
    home.store.delete([there.manifest("land", 2)])
    with pytest.raises(BatchMissing, match="batch 2 of slot land"):
        home.gather()


def test_a_damaged_segment_in_the_store_is_fetched_as_it_is_and_holds_up_no_other(
    home: Home,
) -> None:
    from pipelines.segments import is_whole

    home.land("ann")
    home.land("bob")
    damaged = home.sealed()[0].files[0].path
    ship(home.settings)
    home.store.put(damaged, b"damaged\n")
    home.gather()
    whole = [is_whole(home.mirror, entry) for entry in home.mirror.all_entries("land")]
    assert whole == [False, True]


def test_events_of_the_erased_that_another_host_ships_are_never_fetched_and_leave_the_store(
    zone: Zone,
) -> None:
    reader, other = zone.home("reader"), zone.home("other", slot_host="b")
    key = Key.of(reader.path)
    write(reader.path, Tombstone("one", now(), (key.candidate("ann"),), ()))
    other.land("ann", "bob")
    ship(other.settings)
    reader.gather()
    assert reader.read() == ["", "bob"]
    there_now = b"".join(reader.store.get(one.path) or b"" for one in reader.store.objects())
    assert b"ann@" not in there_now
    assert b"bob@" in there_now
    assert b"ann@" not in b"".join(
        path.read_bytes() for path in reader.mirror.home.rglob("*") if path.is_file()
    )
    found = audit(reader.store, reader.mirror)
    assert (found.differing, found.stale, found.newer, found.foreign) == (0, 0, 0, 0)
