"""What another user of the machine can read: tried as one."""

from __future__ import annotations

import grp
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.settings import Settings
from tests.privacy.conftest import Home
from warehouse.publish import publish

NOBODY = 65534
NOT_THEIRS = 65000  # a group without a file


@pytest.fixture
def shared(filled: Home) -> Iterator[Home]:
    """A home in a folder that everyone may pass through, published for the group of nobody."""
    folder = Path(tempfile.mkdtemp(prefix="hiring-modes-"))
    folder.chmod(0o711)
    shutil.copytree(filled.path, folder / "home", symlinks=True)
    (folder / "home").chmod(0o711)
    home = Home(Settings(home=folder / "home", analyst_group="nogroup"))
    publish(home.settings)
    yield home
    shutil.rmtree(folder)


def readable(home: Path, group: int) -> list[str]:
    """Files that user nobody can read, by walking the home and by naming each."""
    walked = as_nobody(group, "find", str(home), "-readable", "-type", "f")
    named = [
        str(path)
        for path in home.rglob("*")
        if path.is_file() and as_nobody(group, "cat", str(path), "/dev/null")
    ]
    return sorted({Path(path).name for path in [*walked.splitlines(), *named]})


def as_nobody(group: int, *command: str) -> str:
    done = subprocess.run(
        command,
        user=NOBODY,
        group=group,
        extra_groups=[],
        capture_output=True,
        cwd="/",
        check=False,
    )
    return done.stdout.decode("latin-1")


@pytest.mark.root
def test_analysts_read_the_published_file_and_others_nothing(shared: Home) -> None:
    group = grp.getgrnam("nogroup").gr_gid
    shutil.rmtree(shared.settings.state / "dbt")  # hundreds of files of no interest
    assert len(list(shared.path.rglob("*.jsonl"))) >= 5
    versions = sorted(path.name for path in (shared.path / "published").glob("hiring-*"))
    assert versions
    assert readable(shared.path, group) == sorted(["hiring.duckdb", *versions])
    assert readable(shared.path, NOT_THEIRS) == []
