"""What an erasure leaves for ever, kept in two places: where one lost a file, the other has it.

    landing/_<kind>/<name>    beside the truth, and travelling with it
    secrets/<kind>/<name>     for a landing zone that comes from an older backup

A file is written once and never changed, so that one name in both places is one thing.
"""

from __future__ import annotations

from pathlib import Path

from contract import durable


def write(home: Path, kind: str, name: str, content: bytes) -> None:
    """Make a file durable in both places. Repeating it is harmless. Raises OSError."""
    for folder in _folders(home, kind):
        durable.write(folder / name, [content])


def files(home: Path, kind: str) -> list[Path]:
    """One path a name, by name."""
    found = {path.name: path for folder in _folders(home, kind) for path in folder.glob("*.json")}
    return [found[name] for name in sorted(found)]


def _folders(home: Path, kind: str) -> tuple[Path, Path]:
    return home / "landing" / f"_{kind}", home / "secrets" / kind
