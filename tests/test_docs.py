"""Everything public is documented, and the generated pages are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import build

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("page", build.pages())
def test_a_generated_page_is_up_to_date(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert build.pages()[page] == (ROOT / "docs" / page).read_text(), "run `make docs`"


def test_every_command_has_an_example() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert [s.splitlines()[0] for s in sections if "Example: hiring" not in s] == []


def test_readme_shows_two_commands_that_make_knows() -> None:
    readme = (ROOT / "README.md").read_text()
    (block,) = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    commands = [line.split("#")[0].split() for line in block.splitlines() if "make" in line]
    assert [command[1] for command in commands] == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text()
    assert all(f"\n{target}:" in makefile for _, target in commands)


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []
