"""Every command of docs/analysts.md that can run here runs, on a published file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from contract.settings import Settings
from tests.warehouse.compiled import Models, compile_models
from tests.warehouse.history import candidate, created, day, job
from warehouse.publish import publish

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "analysts.md").read_text()
HISTORY = [
    created("a", "j", day(0), status="new", step="Applied"),
    candidate("a", "j", day(9), status="hired", step="Applied"),
    job("j", day(0), title="Cook"),
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as an analyst's, with data/hiring.duckdb."""
    folder = tmp_path_factory.mktemp("analyst")
    settings = Settings(home=folder / "data")
    settings.home.mkdir()
    models: Models = compile_models(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        models.build(connection, [HISTORY])
    publish(settings)
    return folder


def run(command: list[str] | str, folder: Path) -> str:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HIRING_")}
    environ |= {"PYTHONPATH": str(ROOT), "HIRING_HOME": "data"}
    done = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command: str, folder: Path) -> None:
    assert command.startswith("hiring ")
    said = run(f"{sys.executable} -m {command}", folder)
    written = re.search(r"> (\S+)$", command)
    assert said or (written and (folder / written[1]).stat().st_size)


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_a_recipe_for_python_runs(number: int, folder: Path) -> None:
    assert run([sys.executable, "-c", blocks("python")[number]], folder)


def test_there_are_commands_and_recipes() -> None:
    assert len(COMMANDS) >= 6
    assert len(blocks("python")) == 3
