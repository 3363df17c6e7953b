from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract import durable

ROOT = Path(__file__).parents[2]
DAY = Path(__file__).parent / "day.jsonl"


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture(scope="session")
def run_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Done]]:
    """run_in(home, *arguments): the real command line on a home, run in it or in `folder`."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HIRING_")}
    scratch = tmp_path_factory.mktemp("said")
    out, err = scratch / "out", scratch / "err"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.end_to_end.warm"],
        env=clean | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout

        def run(home: Path, *arguments: str, folder: Path | None = None) -> Done:
            for path in (out, err):
                path.write_bytes(b"")
            request = {
                "arguments": arguments,
                "environ": {"HIRING_HOME": str(home)},
                "folder": str(folder or home),
                "out": str(out),
                "err": str(err),
            }
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return Done(int(process.stdout.readline()), out.read_text(), err.read_text())

        yield run
        process.stdin.close()


@pytest.fixture(scope="session")
def synced(
    tmp_path_factory: pytest.TempPathFactory, run_in: Callable[..., Done]
) -> tuple[Path, dict[str, Any]]:
    """The golden day landed and synced once, and the summary of the run. Copy it to change it."""
    home = tmp_path_factory.mktemp("day") / "home"
    durable.write(home / "secrets" / "person_key", [b"golden person key, 32 bytes long"])
    landed = run_in(home, "land", str(DAY))
    assert landed.returncode == 0, landed.stderr
    done = run_in(home, "sync", "--json")
    assert done.returncode == 0, done.stderr
    return home, json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, synced: tuple[Path, dict[str, Any]]) -> Path:
    """A copy of the synced home for the tests of a module."""
    copied = tmp_path_factory.mktemp("copy") / "home"
    shutil.copytree(synced[0], copied)
    return copied


@pytest.fixture(scope="module")
def hiring(home: Path, run_in: Callable[..., Done]) -> Run:
    """Runs a command on the module's home; its exit code must be `status`, if one is given."""

    def run(*arguments: str, status: int | None = 0, folder: Path | None = None) -> Done:
        done = run_in(home, *arguments, folder=folder)
        assert status in (None, done.returncode), done.stderr + done.stdout
        return done

    return run
