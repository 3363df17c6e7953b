from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.campaign.objects import Gate
from contract.landing import Entry
from contract.outbox import Mark, Note, Outbox
from receiver import seal
from receiver.slot import Slot
from shipping import zone as there
from shipping.audit import audit
from shipping.ship import SlotTaken, ship
from shipping.store import Store, StoreFailed, UploadDamaged
from tests.shipping import killing
from tests.shipping.conftest import Home, Zone


def test_what_is_sealed_stands_in_the_store_and_leaves_the_disk(home: Home) -> None:
    home.land("ann", "bob")
    (sealed,) = home.sealed()
    done = ship(home.settings)
    assert (done.batches, done.events, done.bytes) == (1, 2, sealed.bytes)
    assert there.entry(home.store, "land", 1) == sealed
    assert home.store.get(sealed.files[0].path) is not None
    assert (home.sealed(), home.files()) == ([], [])


def test_what_was_shipped_is_fetched_as_it_was_sealed(home: Home) -> None:
    home.land("ann", "bob")
    home.land("eve")
    sealed = home.sealed()
    home.gather()
    assert home.mirror.all_entries("land") == sealed
    assert home.read() == ["ann", "bob", "eve"]


def test_a_repeated_pass_ships_nothing_and_asks_the_store_nothing(home: Home, gate: Gate) -> None:
    home.land("ann")
    ship(home.settings)
    gate.shut()
    assert ship(home.settings).batches == 0


def test_numbers_go_on_when_all_batches_have_left(home: Home) -> None:
    home.land("ann")
    ship(home.settings)
    home.settings.outbox.lock("land").write_bytes(b"")  # the note in it is not durable
    home.land("bob")
    assert [entry.seq for entry in home.sealed()] == [2]


def test_a_journal_whose_batch_was_shipped_is_not_sealed_again(home: Home) -> None:
    """The seal died after its commit; the shipper was faster than the recovery."""
    home.land("ann")
    journal = home.settings.outbox.journal("land", 1)
    ship(home.settings)
    journal.write_bytes(b"")
    slot = Slot(home.settings.outbox, "land")
    assert seal.seal_all(slot, lambda _: None) == 0
    slot.release()
    assert (home.sealed(), journal.exists()) == ([], False)


@pytest.mark.parametrize("requests", [1, 3, 5, 7])
def test_a_store_that_fails_at_any_request_costs_nothing(
    home: Home, gate: Gate, requests: int
) -> None:
    home.land("ann")
    home.land("bob")
    gate.cut_after = requests
    try:
        ship(home.settings)
    except StoreFailed:
        assert Note.read(home.settings.state).failing_since
    gate.cut_after = None
    gate.shut()
    gate.open()
    home.gather()
    assert (home.read(), home.files()) == (["ann", "bob"], [])
    assert audit(home.store, home.mirror).stale == 0
    assert not Note.read(home.settings.state).failing_since


def test_bytes_that_change_on_their_way_are_seen_and_sent_again(home: Home, gate: Gate) -> None:
    home.land("ann")
    gate.damages = True
    with pytest.raises((UploadDamaged, StoreFailed)):
        ship(home.settings)
    assert there.entry(home.store, "land", 1) is None
    gate.damages = False
    gate.shut()
    gate.open()
    home.gather()
    assert home.read() == ["ann"]
    assert Note.read(home.settings.state).failures == {"UploadDamaged": 1}


def test_while_the_store_is_away_it_is_told_what_waits(home: Home, gate: Gate) -> None:
    gate.shut()
    for uuid in ("ann", "bob"):
        home.land(uuid)
    with pytest.raises(StoreFailed):
        ship(home.settings)
    outbox = Outbox.read(home.path, home.settings.state)
    assert (outbox.batches, outbox.bytes) == (2, sum(e.bytes for e in home.sealed()))
    assert outbox.age > 0
    assert outbox.note.failures == {"GenericError": 1}
    gate.open()
    assert ship(home.settings).batches == 2
    outbox = Outbox.read(home.path, home.settings.state)
    assert (outbox.batches, outbox.age, outbox.note.failing_since) == (0, 0.0, 0.0)


def test_two_hosts_ship_into_one_zone(zone: Zone) -> None:
    one, two = zone.home("one", slot_host="a"), zone.home("two", slot_host="b")
    one.land("ann")
    two.land("bob")
    ship(one.settings)
    ship(two.settings)
    reader = zone.home("reader")
    reader.gather()
    assert reader.read() == ["ann", "bob"]
    assert reader.mirror.slots() == ["land-a", "land-b"]


def test_two_hosts_of_one_name_never_overwrite_one_another(zone: Zone) -> None:
    one, two = zone.home("one"), zone.home("two")
    one.land("ann")
    ship(one.settings)
    two.land("bob")
    with pytest.raises(SlotTaken, match="HIRING_SLOT_HOST"):
        ship(two.settings)
    one.gather()
    assert (one.read(), len(two.sealed())) == (["ann"], 1)


def test_a_home_from_a_backup_never_overwrites_what_it_shipped_since(
    zone: Zone, tmp_path: Path
) -> None:
    home = zone.home("home")
    home.land("ann")
    ship(home.settings)
    shutil.copytree(home.path, tmp_path / "backup")
    home.land("bob")
    ship(home.settings)
    shutil.rmtree(home.path)
    shutil.copytree(tmp_path / "backup", home.path)
    home.land("eve")
    with pytest.raises(SlotTaken, match="backup"):
        ship(home.settings)
    assert len(home.sealed()) == 1


def test_a_batch_that_a_killed_pass_committed_is_ours_though_it_was_merged_since(
    home: Home,
) -> None:
    home.land("ann")
    home.land("bob")
    first, second = home.sealed()
    shutil.copytree(home.settings.landing, home.path / "before")
    ship(home.settings)
    for entry in (first, second):
        home.store.delete([there.manifest("land", entry.seq)])
    merged = Entry("land", 2, (*first.files, *second.files), first_seq=1)
    there.commit(home.store, merged)
    shutil.copy(home.settings.landing / "_home", home.path / "before")
    shutil.rmtree(home.settings.landing)
    (home.path / "before").rename(home.settings.landing)
    Mark(0, 2).note(home.settings.outbox, "land")  # killed before it noted that all stands
    ship(home.settings)
    assert there.entry(home.store, "land", 1) is None
    assert there.entry(home.store, "land", 2) == merged
    assert home.files() == []


def test_a_segment_that_is_lost_here_holds_up_no_other(home: Home) -> None:
    home.land("ann")
    home.land("bob")
    (home.settings.landing / home.sealed()[0].files[0].path).unlink()
    home.gather()
    assert home.read() == ["bob"]
    assert [entry.seq for entry in home.mirror.all_entries("land")] == [1, 2]


@pytest.mark.parametrize("change", [1, 2, 3, 4])
def test_a_pass_that_is_killed_is_done_again(home: Home, change: int) -> None:
    home.land("ann")
    home.land("bob")
    assert killing.killed(home.settings, change)
    home.gather()
    assert (home.read(), home.files(), home.sealed()) == (["ann", "bob"], [], [])
    found = audit(home.store, home.mirror)
    assert (found.objects, found.differing, found.stale) == (4, 0, 0)


def test_an_address_that_is_no_store_is_named_with_what_to_do(home: Home, gate: Gate) -> None:
    gate.shut()
    with pytest.raises(StoreFailed, match=r"s3://.*hiring doctor"):
        Store(home.settings).folders("_manifest")
