"""The command line: help that teaches, one line for an error, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
import typer

from contract import lock
from hiring import app, spaced

ROOT = Path(__file__).parents[1]


def hiring(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HIRING_")}
    environ |= {"HIRING_HOME": str(home), "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-m", "hiring", *arguments],
        env=environ,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


def commands() -> list[str]:
    group = typer.main.get_command(app)
    return sorted(getattr(group, "commands", {}))


def test_every_promised_command_is_there() -> None:
    promised = "init doctor status serve land sync worker report simulate demo quarantine query"
    promised += " forget retain export"
    assert set(promised.split()) <= set(commands())


def test_a_wrong_option_is_usage_and_names_it(tmp_path: Path) -> None:
    done = hiring(tmp_path, "sync", "--fast")
    assert done.returncode == 2
    assert "--fast" in done.stderr


def test_a_wrong_variable_is_usage_and_one_line(tmp_path: Path) -> None:
    done = hiring(tmp_path, "quarantine", "list", HIRING_SEAL_SECONDS="soon")
    assert done.returncode == 2
    assert done.stderr.startswith("hiring: HIRING_SEAL_SECONDS: ")
    assert done.stderr.count("\n") == 1


def test_serve_refuses_to_start_without_a_token(tmp_path: Path) -> None:
    done = hiring(tmp_path, "serve")
    assert done.returncode == 2
    assert "HIRING_WEBHOOK_TOKENS" in done.stderr


def test_a_second_sync_is_told_who_runs_and_exits_3(tmp_path: Path) -> None:
    with lock.held(tmp_path / "state" / "sync.lock", "hiring sync"):
        done = hiring(tmp_path, "sync")
    assert done.returncode == 3
    assert f"process {os.getpid()} has held the lock for 'hiring sync'" in done.stderr


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = hiring(tmp_path, "land", "nowhere.jsonl")
    assert done.returncode == 1
    assert "nowhere.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_in_quarantine_exits_1_and_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "lines.jsonl").write_bytes(b"not json\n")
    done = hiring(tmp_path, "land", "lines.jsonl")
    assert done.returncode == 1
    assert "1 in quarantine" in done.stdout
    assert "hiring quarantine list" in done.stderr


def test_doctor_and_status_exit_1_when_something_is_wrong(tmp_path: Path) -> None:
    assert hiring(tmp_path, "doctor").returncode == 1
    assert hiring(tmp_path, "status").returncode == 0
    (tmp_path / "lines.jsonl").write_bytes(b"not json\n")
    hiring(tmp_path, "land", "lines.jsonl")
    done = hiring(tmp_path, "status")
    assert done.returncode == 1
    assert "hiring quarantine list" in done.stdout


def test_the_home_is_private_but_can_be_passed_through(tmp_path: Path) -> None:
    home = tmp_path / "home"
    hiring(tmp_path, "quarantine", "list", HIRING_HOME=str(home))
    assert home.stat().st_mode & 0o777 == 0o711


@pytest.mark.parametrize("command", commands())
def test_help_teaches(command: str, tmp_path: Path) -> None:
    group = typer.main.get_command(app)
    one = group.commands[command]  # type: ignore[attr-defined]
    shown = list(getattr(one, "commands", {}).values()) or [one]
    assert all(each.help and "Example: hiring" in each.epilog for each in shown)


def test_a_log_gets_the_first_and_the_last_line_of_progress_and_few_between() -> None:
    told: list[str] = []
    with spaced(told.append, 0.2) as tell:
        for number in range(100):
            tell(f"{number} lines")
        assert told == ["0 lines"]
        sleep(0.25)
        tell("100 lines")
        tell("101 lines")
    assert told == ["0 lines", "100 lines", "101 lines"]


def test_progress_that_ends_in_an_error_says_how_far_it_came() -> None:
    told: list[str] = []
    with pytest.raises(OSError), spaced(told.append) as tell:  # noqa: PT011, PT012
        tell("1 line")
        tell("2 lines")
        raise OSError
    assert told == ["1 line", "2 lines"]
