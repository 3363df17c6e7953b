"""One erasure on a small company, looked at from all sides."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from contract import envelope, lock, tombstones, versions
from contract.landing import Landing
from privacy.erasure import Erasure
from privacy.forget import Hands, forget, is_pending, reapply
from privacy.look import look
from privacy.people import NobodyNamed, People
from privacy.traces import landed
from tests.privacy.conftest import LAST, Done, Home, candidate, job, put

Quick = Callable[..., Erasure]


def test_nothing_is_left_and_the_proof_says_where_it_looked(done: Done) -> None:
    proof = done.erasure.proof
    assert done.erasure.is_proven, done.erasure.lines_of_text()
    assert proof is not None
    assert proof.looked["warehouse.duckdb raw.candidate_events"] > 50
    assert proof.looked["hiring.duckdb main.applications"] > 20
    assert look(done.home.path, done.search).places() == {}


def test_it_was_there_before(done: Done) -> None:
    found = done.erasure.found
    assert found["landing/event_name=CandidateResource_created"] >= 1
    assert {"quarantine", "warehouse.duckdb raw.candidate_events"} <= {
        place.partition("/")[0] if place.startswith("quarantine") else place for place in found
    }
    assert (done.erasure.quarantined, done.erasure.reports) == (1, 1)
    assert done.erasure.rewritten == ("warehouse.duckdb", "hiring.duckdb")


def test_the_rows_of_all_others_are_as_before(done: Done) -> None:
    assert done.home.others(done.gone) == done.before
    ids = ", ".join(f"'{uuid}'" for uuid in done.gone)
    left = f"select count(*) from applications where candidate_uuid in ({ids})"
    assert done.home.published(left) == [(0,)]


def test_lines_of_others_are_the_same_bytes_and_no_line_is_lost(done: Done) -> None:
    after = [line for _, line in landed(Landing(done.home.path))]
    kept = {line for line in after if b'"tombstoned":true' not in line}
    assert len(after) == len(done.lines)
    assert kept < set(done.lines)
    assert len(after) - len(kept) >= done.erasure.lines


def test_the_report_names_nobody(done: Done) -> None:
    (report,) = (done.home.path / "state" / "erasures").glob("*.json")
    text = report.read_text()
    assert done.search.found(text) == set()
    key = tombstones.Key.of(done.home.path)
    assert sorted(orjson.loads(text)["people"]) == sorted(map(key.candidate, done.gone))


def test_files_of_an_erasure_are_private(done: Done) -> None:
    home = done.home.path
    for path in (home / "landing").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    for name in ("secrets", "state/erasures"):
        assert (home / name).stat().st_mode & 0o777 == 0o700
    assert (home / "secrets" / "tombstone_key").stat().st_mode & 0o777 == 0o600


def test_as_of_does_not_go_back_with_who_came_last(done: Done) -> None:
    """It is the time of Zoe's event, the last that was landed."""
    assert LAST in done.gone
    assert done.home.published("select as_of from freshness") == done.as_of
    ((states,),) = done.home.raw("select max(landed_at) from candidate_events")
    assert states < done.as_of[0][0]


def test_what_killed_runs_and_publications_left_goes_too(bare: Home, quick: Quick) -> None:
    left = [
        bare.path / "hiring.duckdb.tmp",
        bare.path / "hiring.duckdb.3",
        versions.path(bare.path, datetime(2026, 6, 1, tzinfo=UTC)),
        bare.settings.state / "as-known-at-x" / "warehouse.duckdb",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table t as select 'ann-0001@example.com' as email")
    rows = bare.path / "spark" / "raw" / "candidate_events" / "1.5.rows.parquet"
    rows.parent.mkdir(parents=True)
    duckdb.sql("select 'ann-0001@example.com' as email").write_parquet(str(rows))
    left.append(rows)
    bare.land(candidate("ann-0001"))
    erasure = quick("ann-0001")
    assert set(erasure.found) >= {
        "spark/raw",
        "hiring.duckdb.tmp main.t",
        "hiring.duckdb.3 main.t",
        "published/hiring-20260601T000000000000Z.duckdb main.t",
        "state/as-known-at-x/warehouse.duckdb main.t",
    }
    assert erasure.is_proven, erasure.lines_of_text()
    assert not any(path.exists() for path in left)


def test_a_version_that_comes_back_meanwhile_is_not_proven(bare: Home) -> None:
    """The proof reads a file by what it is, not by its name."""
    bare.land(candidate("ann-0001"))

    def put_back() -> None:
        with duckdb.connect(str(bare.path / "hiring.duckdb.1")) as connection:
            connection.execute("create table t as select 'ann-0001@example.com' as email")

    hands = Hands(bare.seal, bare.quarantine, put_back)
    erasure = forget(bare.settings, People.of(["ann-0001"]), hands)
    assert not erasure.is_proven
    assert erasure.proof is not None
    assert erasure.proof.hits == {"hiring.duckdb.1 main.t": 1}


def test_a_redelivery_and_a_full_refresh_resurrect_nobody(done: Done, tmp_path: Path) -> None:
    home = put(done.home, tmp_path / "home")
    theirs = [line for line in done.lines if done.search.found(line.decode())]
    home.land(*(envelope.split(line)[1] for line in theirs))  # an old export of payloads
    home.land(*(line.rstrip(b"\n") for line in theirs))  # and a copied landing zone
    home.sync(full_refresh=True)
    assert look(home.path, done.search).places() == {}
    assert home.others(done.gone) == done.before


def test_repeating_it_finds_nothing_and_changes_no_line(bare: Home) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001"), job())
    hands = bare.quick_hands
    first = forget(bare.settings, People.of(["ann-0001"]), hands)
    again = forget(bare.settings, People.of(["ann-0001"]), hands)
    assert (first.lines, again.lines, again.segments) == (1, 0, 0)
    assert again.is_proven


@pytest.fixture
def quick(bare: Home) -> Quick:
    """An erasure without a sync."""

    def run(*candidates: str, **options: Any) -> Erasure:
        whole = options.pop("is_whole", True)
        people = People.of(candidates, options.pop("emails", ()), is_whole=whole)
        return forget(bare.settings, people, bare.quick_hands, **options)

    return run


def kept(home: Home) -> list[str]:
    bodies = [orjson.loads(envelope.split(line)[1]) for _, line in landed(Landing(home.path))]
    return sorted(body["data"]["uuid"] for body in bodies if body["data"])


def test_a_person_is_who_shares_the_address(bare: Home, quick: Quick) -> None:
    bare.land(
        candidate("ann-0001", email="Ann@Example.com"),
        candidate("ann-0002", email="ann@example.com "),
        candidate("bob-0001"),
    )
    assert quick("ann-0001").followed == 1
    assert kept(bare) == ["bob-0001"]


def test_by_address_all_its_candidates_go(bare: Home, quick: Quick) -> None:
    bare.land(candidate("ann-0001", email="ann@example.com"), candidate("bob-0001"))
    assert quick(emails=["ANN@example.com"]).is_proven
    assert kept(bare) == ["bob-0001"]


def test_a_mailbox_of_many_is_not_followed(bare: Home, quick: Quick) -> None:
    many = [candidate(f"agency-{n}", email="jobs@agency.test") for n in range(8)]
    bare.land(*many)
    assert quick("agency-3").is_proven
    assert len(kept(bare)) == 7


def test_nothing_is_set_aside_that_only_mentions_them(bare: Home, quick: Quick) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001", profile="ask ann-0001@example.com"))
    erasure = quick("ann-0001")
    assert kept(bare) == ["bob-0001"]
    assert erasure.mentions == 1
    assert not erasure.is_proven  # and it says so, since the address is still there


def test_a_dry_run_changes_nothing(bare: Home, quick: Quick) -> None:
    bare.land(candidate("ann-0001"), candidate("ann-0001", status="hired"))
    before = contents(bare.path)
    would = quick("ann-0001", dry_run=True)
    assert (would.lines, would.proof) == (2, None)
    assert contents(bare.path) == before


def contents(home: Path) -> dict[Path, bytes]:
    """What stands in every file but the lock."""
    files = (path for path in home.rglob("*") if path.is_file() and path.name != "sync.lock")
    return {path: path.read_bytes() for path in files}


def test_a_home_from_an_older_backup_is_erased_anew(
    bare: Home, quick: Quick, tmp_path: Path
) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001"))
    shutil.copytree(bare.path / "landing", tmp_path / "backup")
    quick("ann-0001")
    assert not is_pending(bare.settings)
    shutil.rmtree(bare.path / "landing")
    shutil.copytree(tmp_path / "backup", bare.path / "landing")
    assert kept(bare) == ["ann-0001", "bob-0001"]
    with pytest.raises(Exception, match="--reapply"):
        bare.sync()
    again = reapply(bare.settings, bare.quick_hands)
    assert again is not None
    assert again.is_proven
    assert kept(bare) == ["bob-0001"]
    assert reapply(bare.settings, bare.quick_hands) is None


def test_it_waits_for_the_lock_or_does_not(bare: Home, quick: Quick) -> None:
    from concurrent.futures import ThreadPoolExecutor

    bare.land(candidate("ann-0001"))
    told: list[str] = []
    with ThreadPoolExecutor() as others:
        with lock.held(bare.settings.state / "sync.lock", "hiring sync"):
            with pytest.raises(lock.LockHeld):
                others.submit(quick, "ann-0001", wait=False).result()
            waiting = others.submit(quick, "ann-0001", progress=told.append)
            while not told:
                pass
        assert waiting.result().is_proven
    assert "hiring sync" in told[0]


@pytest.mark.parametrize("named", ["ann-0001", "bob-0001"])
def test_a_body_that_names_two_goes_with_either(bare: Home, named: str) -> None:
    """The pipeline reads the first of two keys, other readers the last: neither may keep it."""
    both = orjson.dumps(candidate("ann-0001")).replace(
        b'"status":', b'"uuid":"bob-0001","email":"bob-0001@example.com","status":'
    )
    bare.land(both, candidate("cid-0001"))
    bare.load()
    assert bare.raw("select uuid from candidate_events order by 1") == [
        ("ann-0001",),
        ("cid-0001",),
    ]
    erasure = forget(
        bare.settings, People.of([named]), Hands(bare.seal, bare.quarantine, bare.load)
    )
    assert erasure.is_proven, erasure.lines_of_text()
    assert erasure.lines == 1
    assert bare.raw("select uuid from candidate_events") == [("cid-0001",)]


def test_who_is_still_at_occupop_is_said_by_hash(bare: Home, quick: Quick) -> None:
    bare.land(candidate("ann-0001"), candidate("bob-0001"))
    assert quick("ann-0001").alive == {}
    bare.land(candidate("ann-0001", updated_at="2999-01-01 09:00:00"), candidate("ann-0001"))
    digest = tombstones.Key.of(bare.path).candidate("ann-0001")
    assert quick("bob-0001").alive == {digest: 1}


def test_someone_must_be_named() -> None:
    with pytest.raises(NobodyNamed):
        People.of([" "], [""])
