"""The import rules of pyproject.toml, run as a test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]


def test_stages_import_the_contract_and_never_one_another() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize("roof", ["hiring.py", "stages.py"])
def test_the_roof_imports_a_stage_where_it_is_used_and_no_framework(roof: str) -> None:
    tree = ast.parse((ROOT / roof).read_text(encoding="utf-8"))
    top = {name for node in tree.body for name in _imported(node)}
    everywhere = {name for node in ast.walk(tree) for name in _imported(node)}
    assert top & {"receiver", "pipelines", "warehouse", "notebooks", "simulator"} == set()
    assert everywhere & {"fastapi", "starlette", "uvicorn", "dlt", "dbt", "duckdb"} == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0]]
    return []
