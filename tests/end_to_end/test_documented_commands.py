"""Every `hiring …` that README and docs/ show is run, on a copy of the golden day's home."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.end_to_end.conftest import DAY, ROOT, Run

GENERATED = {"commands.md", "settings.md", "events.md", "tables.md"}  # they have tests of their own
PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").glob("*.md")))]
SHOWN = re.compile(r"`([^`\n]+)`|^((?:sudo |/|hiring ).*)$", re.MULTILINE)
COMMAND = re.compile(r"(?:sudo -u \w+ )?(?:[\w./-]*/)?hiring ([a-z].*)")
# What is named in a sentence without what it needs: its help is shown instead.
NAMED_ONLY = {"forget", "forget --file", "land", "ship", "sync --as-known-at"}
# They run until they are told to stop: their own tests run them (receiver, test_worker, soak).
LASTING = re.compile(r"(serve|worker)\b")
FINDINGS = {"status", "doctor"}  # exit 1 says that something needs attention


def shown() -> list[str]:
    """The arguments of every command that a page shows, each once; comments and `> FILE` off."""
    found: dict[str, None] = {}
    for page in PAGES:
        if page.name in GENERATED:
            continue
        for inline, line in SHOWN.findall(page.read_text()):
            text = re.split(r"\s{2,}#|\s#\s| > ", inline or line)[0].strip()
            if match := COMMAND.fullmatch(text):
                found[match[1].strip()] = None
    return sorted(found)


@pytest.fixture(scope="module")
def given(home: Path, hiring: Run) -> dict[str, str]:
    """What a reader puts in the place of capital words, and the export that is spoken of."""
    line = DAY.read_bytes().splitlines()[0]
    (uuid, *_) = re.findall(rb'"resource_type":"Cand\w+","resource_uuid":"([^"]+)"', line)
    export, bad = home / "export.jsonl", home / "bad.jsonl"
    export.write_bytes(line.partition(b',"body":')[2].rstrip()[:-1] + b"\n")
    bad.write_bytes(b"not json\n")
    hiring("land", str(bad), status=1)
    (kept,) = json.loads(hiring("quarantine", "list", "--json").stdout)["items"]
    files = {"FILE": str(export), "export.jsonl": str(export)}
    return files | {"UUID": uuid.decode(), "ID": kept["id"]}


def test_pages_show_commands() -> None:
    commands = shown()
    assert len(commands) > 20
    words = {command.split()[0] for command in commands}
    assert words >= {"init", "status", "doctor", "sync", "report", "query", "forget", "quarantine"}


@pytest.mark.parametrize("command", [c for c in shown() if not LASTING.match(c)])
def test_a_command_that_a_page_shows_does_what_it_says(
    command: str, given: dict[str, str], hiring: Run, tmp_path: Path
) -> None:
    if command in NAMED_ONLY:
        command = f"{command.split()[0]} --help"
    arguments = [given.get(word, word) for word in shlex.split(command)]
    done = hiring(*arguments, status=None, folder=tmp_path)
    assert "Traceback" not in done.stderr
    allowed = {0, 1} if arguments[0] in FINDINGS else {0}
    assert done.returncode in allowed, done.stdout + done.stderr


def test_what_is_left_to_other_tests_is_served_and_worked() -> None:
    lasting = {c.split()[0] for c in shown() if LASTING.match(c)}
    assert lasting == {"serve", "worker"}
