"""models/sources.yml, generated from contract/raw.py: `python -m warehouse.sources` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from contract import raw

PATH = Path(__file__).parent / "models" / "sources.yml"
HEADER = "# Generated from contract/raw.py by `python -m warehouse.sources`: not to be edited.\n"

# What dlt keeps of its own loads: not a table of the contract, yet it says which loads are whole.
_LOADS = {
    "name": "_dlt_loads",
    "description": "One row per load; those of status 0 are complete.",
    "columns": [
        {"name": "load_id", "description": "Id of the load."},
        {"name": "status", "description": "0 when complete."},
    ],
}


def document() -> str:
    """The text of sources.yml."""
    source = {
        "name": "raw",
        "schema": raw.SCHEMA,
        "description": "What the pipeline loads, one row per delivery, append-only.",
        "tables": [_LOADS, *map(_table, raw.TABLES.values())],
    }
    text: str = yaml.safe_dump(
        {"version": 2, "sources": [source]}, sort_keys=False, width=100, allow_unicode=True
    )
    return HEADER + text


def _table(table: raw.Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.description,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: raw.Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "description": column.description}
    if column.personal:
        entry["config"] = {"meta": {"personal": True}}
    return entry


if __name__ == "__main__":
    PATH.write_text(document())
