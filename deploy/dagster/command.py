"""Runs `hiring`, which may live in an environment of its own, and reads what it prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

PROGRAM = os.environ.get("HIRING", "hiring")  # HIRING_… are settings
LOCKED = 3
_PAGE = Path(__file__).parents[2] / "docs" / "tables.md"


class CommandFailed(RuntimeError):
    """The command did not do what it should; the text is its own and holds no personal data."""


class Busy(CommandFailed):
    """Another run holds the lock: try again later."""


def hiring(*arguments: str, allowed: tuple[int, ...] = (0,)) -> dict[str, Any]:
    """The facts that `hiring … --json` prints. Raises Busy, CommandFailed."""
    done = subprocess.run(  # noqa: S603  our own command
        [PROGRAM, *arguments, "--json"], capture_output=True, text=True, check=False
    )
    if done.returncode not in allowed:
        failure = Busy if done.returncode == LOCKED else CommandFailed
        raise failure(done.stderr.strip()[-2000:] or f"exit code {done.returncode}")
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def published_tables() -> list[str]:
    """The published tables, by the page that is made from their models."""
    return re.findall(r"^## (\w+)$", _PAGE.read_text(), flags=re.MULTILINE)
