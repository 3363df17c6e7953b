"""The marts as dbt describes them: the only list of what is published, and its comments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

MARTS = Path(__file__).parent / "models" / "marts"


@dataclass(frozen=True)
class Mart:
    """A published table: its columns in order, with descriptions; `grain` is what a row is per."""

    name: str
    description: str
    columns: dict[str, str]
    grain: tuple[str, ...]


def marts() -> list[Mart]:
    """All described marts, by name. A column without a description is not published."""
    found = []
    for path in sorted(MARTS.glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            columns = {c["name"]: c["description"] for c in model["columns"]}
            grain = tuple(model["config"]["meta"]["grain"])
            found.append(Mart(model["name"], model["description"], columns, grain))
    return sorted(found, key=lambda mart: mart.name)
