"""An erasure where what landed is Parquet: its strings are compressed, so bytes prove nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract import formats
from contract.landing import Landing
from contract.segment import DamagedSegment, lines
from contract.tombstones import Tombstones
from pipelines.segments import is_whole
from privacy.export import export
from privacy.forget import forget, is_pending, reapply
from privacy.look import NotReadable, look, scan_bytes
from privacy.people import People
from privacy.rewrite import rewrite
from privacy.search import Kind, Search, Value
from privacy.traces import landed, trace
from tests.privacy.conftest import Home, candidate, job, put
from tests.privacy.killing import killed
from tests.privacy.test_rewrite import erase

ADDRESS = "ann-0001@example.com"


@pytest.fixture
def packed(bare: Home) -> Home:
    """Three people and a job in Parquet, and one of them in a JSON segment, too."""
    bare.land(candidate("ann-0001"), candidate("bob-0001"), job())
    bare.land(candidate("ann-0001", status="rejected"), candidate("cid-0001"))
    bare.compact()
    bare.land(candidate("ann-0001", status="hired"))
    return bare


def texts(home: Path) -> str:
    """Every line of every file below the partitions."""
    found = sorted((home / "landing").glob("event_name=*/date=*/*"))
    return "".join(line.decode() for path in found for line in lines(path))


def test_nothing_of_a_person_is_left_in_parquet(packed: Home) -> None:
    search = Search([Value.of(Kind.EMAIL, ADDRESS), Value.of(Kind.CANDIDATE, "ann-0001")])
    root = packed.path / "landing"
    before = look(root, search)  # the control: it is there, and a look at bytes is no look
    assert before.values == set(search.values)
    assert sum(before.hits.values()) == 3
    assert sum(scan_bytes(root, search).hits.values()) == 1  # the JSON segment alone
    others = {line for _, line in landed(Landing(packed.path)) if b"ann-0001" not in line}
    done = forget(packed.settings, People.of(["ann-0001"]), packed.quick_hands)
    assert done.is_proven
    assert "segment" in done.proof.controls  # type: ignore[union-attr]
    assert done.lines == 3
    assert look(root, search).places() == {}
    after = [line for _, line in landed(Landing(packed.path))]
    assert len(after) == 6
    assert others < set(after)
    assert [path.name for path in sorted(root.rglob("*.parquet"))] == [
        "land-000000002.r3.parquet",
        "land-000000002.r2.parquet",
    ]
    for entry in Landing(packed.path).entries({}):
        assert is_whole(Landing(packed.path), entry)


def test_a_person_is_traced_and_exported_out_of_parquet(packed: Home) -> None:
    found = trace(Landing(packed.path), People.of([], [ADDRESS]))
    assert (found.candidates, found.lines) == ({"ann-0001"}, 3)
    held = export(packed.settings, "ann-0001", packed.quarantine)
    assert [line["body"]["data"]["status"] for line in held["landing"]] == [
        *("new", "rejected", "hired"),
    ]


@pytest.mark.parametrize("at", [1, 4, 7, 10, 13, 18])
def test_killed_at_any_instant_the_next_call_finishes(packed: Home, at: int) -> None:
    others = {line for _, line in landed(Landing(packed.path)) if b"ann-0001" not in line}
    assert killed(packed, "ann-0001", at)
    reapply(packed.settings, packed.quick_hands)
    forget(packed.settings, People.of(["ann-0001"]), packed.quick_hands)
    assert not is_pending(packed.settings)
    after = [line for _, line in landed(Landing(packed.path))]
    assert len(after) == 6
    assert others < set(after)
    assert "ann-0001" not in texts(packed.path)


def test_what_a_killed_compaction_left_is_cleaned_or_goes(packed: Home) -> None:
    """Half a Parquet file is of lines that an entry names; a whole one may be the only copy."""
    (path,) = packed.path.rglob("event_name=CandidateResource_updated/*/*.parquet")
    half = path.with_name("land-000000002.r9.parquet.tmp")
    half.write_bytes(path.read_bytes()[:-20])
    left = path.with_name("w7-000000003.r1.parquet")
    left.write_bytes(path.read_bytes())
    search = Search([Value.of(Kind.EMAIL, ADDRESS)])
    with pytest.raises(NotReadable, match=r"r9\.parquet\.tmp"):
        look(packed.path, search)
    rewrite(Landing(packed.path), erase(packed.path, "ann-0001"))
    assert not half.exists()
    assert sum(b"bob-0001" in line for line in lines(left)) == 1
    assert "ann-0001" not in texts(packed.path)


def test_a_segment_that_cannot_be_read_stops_the_erasure_and_is_named(packed: Home) -> None:
    (path,) = packed.path.rglob("event_name=CandidateResource_updated/*/*.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(DamagedSegment, match="restore it from a backup"):
        rewrite(Landing(packed.path), erase(packed.path, "ann-0001"))
    path.write_bytes(whole)
    rewrite(Landing(packed.path), Tombstones.of(packed.path))
    assert "ann-0001" not in texts(packed.path)


def published(home: Home) -> dict[str, list[str]]:
    """Every published table, as text; without the name of the load."""
    names = sorted(name for (name,) in home.published("select table_name from duckdb_tables()"))
    wanted = dict.fromkeys(names, "*") | {"freshness": "* exclude (last_load_id)"}
    return {
        name: [repr(row) for row in home.published(f"select {what} from {name} order by all")]
        for name, what in wanted.items()
    }


def test_a_rebuild_from_parquet_publishes_the_same_and_so_does_an_erasure(
    filled: Home, tmp_path: Path
) -> None:
    home = put(filled, tmp_path / "packed")
    (gone,) = home.published("select candidate_uuid from applications order by all limit 1")
    forget(home.settings, People.of(gone), home.hands)
    erased = published(home)
    home = put(filled, tmp_path / "lines")
    before = published(home)
    home.compact()
    assert formats.landing_format(home.path / "landing") == formats.PARQUET
    home.sync(full_refresh=True)
    assert published(home) == before
    assert forget(home.settings, People.of(gone), home.hands).is_proven
    assert published(home) == erased
