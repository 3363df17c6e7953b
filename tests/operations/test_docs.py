"""What is advised, in docs/ and in findings, are commands and settings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contract.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGES = ["install", "schedule", "troubleshooting"]
SOURCES = sorted((ROOT / "operations").rglob("*.py"))


def known_commands() -> dict[str, str]:
    """Command -> its help, as docs/commands.md has them."""
    sections = re.split(r"^## hiring ", (ROOT / "docs" / "commands.md").read_text(), flags=re.M)
    return {section.splitlines()[0]: section for section in sections[1:]}


def advised(text: str) -> list[tuple[str, str]]:
    """(first word, rest) of every `hiring …` in code."""
    code = re.findall(r"`([^`\n]+)`|^((?:[\w/.-]*|sudo .*/)hiring .*)$", text, flags=re.M)
    spans = [one or other for one, other in code]
    return [m for s in spans for m in re.findall(r"(?:^|[/ ])hiring ([a-z]+)\b([^`&|#;]*)", s)]


@pytest.mark.parametrize("path", [*(ROOT / "docs" / f"{p}.md" for p in PAGES), *SOURCES], ids=str)
def test_every_advised_command_and_option_exists(path):
    known = known_commands()
    unknown = []
    for word, rest in advised(path.read_text()):
        two = f"{word} {rest.split()[0]}" if rest.split() else word
        section = known.get(word) or known.get(two)
        if section is None:
            unknown.append(word)
        else:
            unknown += [f"{word} {o}" for o in re.findall(r"--[a-z-]+", rest) if o not in section]
    assert unknown == []


@pytest.mark.parametrize("name", PAGES)
def test_every_setting_that_a_page_names_exists(name):
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    used = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", (ROOT / "docs" / f"{name}.md").read_text()))
    assert used - known == set()


def test_every_file_that_a_page_names_in_deploy_exists():
    text = "".join((ROOT / "docs" / f"{name}.md").read_text() for name in PAGES)
    named = {n for n in re.findall(r"deploy/[\w./-]+\w", text) if n != "deploy/tls"}
    assert len(named) >= 6
    assert [n for n in named if not (ROOT / n).exists()] == []
