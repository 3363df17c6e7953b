"""One set of models for all engines: what one spells its own way stands in dispatched macros."""

from __future__ import annotations

import re
from pathlib import Path

from warehouse import fingerprint

MODELS = sorted((fingerprint.PROJECT / "models").rglob("*.sql"))
ENGINE = fingerprint.PROJECT / "macros" / "engine.sql"
DOCS = Path(__file__).parents[2] / "docs" / "spark.md"
MACRO = re.compile(r"{% macro (duckdb|default)__(\w+)\(.*?\) -?%}\n(.*?){%-? endmacro", re.DOTALL)
# What models may call of DuckDB or Spark, but not of both.
OF_ONE = re.compile(r"target\.type|duckdb|spark|\bepoch_us\b|\bunix_micros\b|ignore nulls", re.I)


def spellings() -> dict[str, dict[str, list[str]]]:
    """engine -> macro -> its lines."""
    found: dict[str, dict[str, list[str]]] = {"duckdb": {}, "default": {}}
    for engine, name, body in MACRO.findall(ENGINE.read_text(encoding="utf-8")):
        found[engine][name] = [line for line in body.splitlines() if line.strip()]
    return found


def test_no_model_names_an_engine_or_its_spelling() -> None:
    named = {
        path.stem: OF_ONE.findall(path.read_text(encoding="utf-8"))
        for path in MODELS
        if OF_ONE.search(path.read_text(encoding="utf-8"))
    }
    assert named == {}


def test_what_one_engine_spells_the_other_spells_too() -> None:
    found = spellings()
    assert found["duckdb"].keys() == found["default"].keys()
    assert len(found["duckdb"]) >= 6


def test_the_page_says_how_many_lines_differ() -> None:
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in MODELS)
    differ = sum(len(body) for body in spellings()["default"].values())
    said = f"{differ} of {lines:,} lines of SQL are spelled for Spark"
    assert said in DOCS.read_text(encoding="utf-8"), f"docs/spark.md should say: {said}"
