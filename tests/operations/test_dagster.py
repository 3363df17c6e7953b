"""deploy/dagster: what its assets call, against the real command line.

Dagster itself is no dependency; docs/schedule.md says with which version the example was run.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from contract import lock
from warehouse.descriptions import marts

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "dagster"


@pytest.fixture
def command(home, tmp_path, monkeypatch) -> ModuleType:
    """The example's way to the command line, with this checkout's as its program."""
    program = tmp_path / "hiring"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m hiring "$@"\n')
    program.chmod(0o700)
    for name in [name for name in os.environ if name.startswith("HIRING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HIRING", str(program))
    monkeypatch.setenv("HIRING_HOME", str(home.path))
    spec = importlib.util.spec_from_file_location("command", EXAMPLE / "command.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_facts_of_a_command_are_read(command, home):
    home.settled(3)
    assert command.hiring("status", allowed=(0, 1))["ledger"]["landed"] == 3


def test_a_run_that_holds_the_lock_is_told_apart_from_a_failure(command, home):
    held = lock.held(home.settings.state / "sync.lock", "hiring sync")
    with held, pytest.raises(command.Busy, match="has held the lock"):
        command.hiring("sync")
    with pytest.raises(command.CommandFailed) as failed:
        command.hiring("report")
    assert not isinstance(failed.value, command.Busy)


def test_every_published_table_is_an_asset(command):
    assert set(command.published_tables()) == {mart.name for mart in marts()}


def test_the_definitions_are_python_that_compiles():
    path = EXAMPLE / "definitions.py"
    compile(path.read_text(), str(path), "exec")
