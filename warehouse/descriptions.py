"""The marts as dbt describes them: the only list of what is published, and its comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from contract.sql import escaped

MARTS = Path(__file__).parent / "models" / "marts"


@dataclass(frozen=True)
class Mart:
    """A published table: its columns in order, with descriptions; `grain` is what a row is per.

    A build changes rows only of those values of `key` that the model `scope` lists; of both None,
    any row. has_touched: whether it puts the rows apart that it changed.
    """

    name: str
    description: str
    columns: dict[str, str]
    grain: tuple[str, ...]
    key: str | None = None
    scope: str | None = None
    has_touched: bool = False

    def comments(self, table: str) -> Iterator[str]:
        """The statements that describe `table`, which holds its rows, and its columns."""
        yield f"comment on table {table} is '{escaped(self.description)}'"
        for name, description in self.columns.items():
            yield f"comment on column {table}.\"{name}\" is '{escaped(description)}'"


def marts() -> list[Mart]:
    """All described marts, by name. A column without a description is not published."""
    found = []
    for path in sorted(MARTS.glob("*.yml")):
        for model in _read(path)["models"]:
            columns = {c["name"]: c["description"] for c in model["columns"]}
            found.append(Mart(model["name"], model["description"], columns, *_scope(model)))
    return sorted(found, key=lambda mart: mart.name)


def _scope(model: dict[str, Any]) -> tuple[tuple[str, ...], str | None, str | None, bool]:
    """Of a described mart its grain, key, scope, and whether it puts touched rows apart."""
    meta = model["config"]["meta"]
    own = {"key": meta.get("key"), "scope": meta.get("scope")}
    return tuple(meta["grain"]), own["key"], own["scope"], meta.get("reread") == own


def _read(path: Path) -> Any:
    """By libyaml where PyYAML comes with it: ten times as quick, and read in each publication."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - both are safe loaders
