"""What stays of erased applications with HIRING_KEEP_ANONYMOUS: counted once, and nobody's."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest

from contract import anonymous
from contract.settings import Settings
from privacy.forget import forget, reapply
from privacy.kept import kept
from privacy.people import People
from tests.privacy.conftest import Done, Home, candidate, counting
from tests.privacy.killing import killed

KEPT = "from erased_applications order by all"


def test_month_job_stage_and_outcome_stay_in_a_table_of_their_own(done: Done) -> None:
    assert sum(row[-1] for row in done.counted) >= 4
    assert done.home.published(KEPT) == done.counted
    assert done.home.published(counting(done.gone)) == []


def test_no_file_leads_from_a_person_to_what_is_kept(done: Done) -> None:
    """Neither an id nor the hash of one stands there, nor the name of the file elsewhere."""
    (path,) = (done.home.path / "landing" / "_anonymous").iterdir()
    (copy,) = (done.home.path / "secrets" / "anonymous").iterdir()
    assert path.read_bytes() == copy.read_bytes()
    assert path.stat().st_mode & 0o777 == copy.stat().st_mode & 0o777 == 0o600
    assert done.search.found(path.read_text()) == set()
    rows = orjson.loads(path.read_bytes())
    assert {tuple(row) for row in rows} == {
        ("cohort_month", "job_uuid", "furthest_stage", "outcome")
    }
    named = [found for found in done.home.path.rglob("*") if path.stem in found.name]
    assert sorted(named) == sorted([path, copy])
    others = (found for found in done.home.path.rglob("*") if found.is_file())
    assert not any(path.stem.encode() in found.read_bytes() for found in others)


def test_without_the_setting_nothing_is_kept(done: Done, filled: Home) -> None:
    assert kept(filled.settings, done.gone) == ()
    assert len(kept(filled.settings.model_copy(update={"keep_anonymous": True}), done.gone)) >= 4


@pytest.fixture
def keeping(filled: Home, tmp_path: Path) -> tuple[Home, str]:
    """Published tables beside a landing zone of one person in them, and who that is."""
    home = Home(Settings(home=tmp_path / "home", keep_anonymous=True))
    home.path.mkdir()
    shutil.copy(filled.settings.published, home.settings.published)
    ((uuid,),) = home.published("select candidate_uuid from applications order by 1 limit 1")
    home.land(candidate(uuid), candidate("bob-0001"))
    return home, uuid


@pytest.mark.parametrize("at", [1, 3, 5, 6, 8, 10, 14, 18])
def test_killed_at_any_instant_they_count_once(keeping: tuple[Home, str], at: int) -> None:
    """`at`: a change of the disk."""
    home, uuid = keeping
    expected = kept(home.settings, [uuid])
    assert killed(home, uuid, at)
    reapply(home.settings, home.quick_hands)
    forget(home.settings, People.of([uuid]), home.quick_hands)  # killed before it was durable
    forget(home.settings, People.of(["bob-0001"]), home.quick_hands)
    assert [(a, 1) for a in expected] == anonymous.read(home.path)


def test_a_landing_zone_from_an_older_backup_finds_them_again(
    keeping: tuple[Home, str], tmp_path: Path
) -> None:
    home, uuid = keeping
    shutil.copytree(home.path / "landing", tmp_path / "backup")
    forget(home.settings, People.of([uuid]), home.quick_hands)
    before = anonymous.read(home.path)
    shutil.rmtree(home.path / "landing")
    shutil.copytree(tmp_path / "backup", home.path / "landing")
    reapply(home.settings, home.quick_hands)
    assert len(before) == 1
    assert anonymous.read(home.path) == before
