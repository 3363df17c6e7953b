"""docs/metrics.md: every metric has its formula, and no formula is of a metric that is gone."""

from __future__ import annotations

from docs.build import definitions
from docs.formulas import FORMULAS


def test_every_metric_has_a_formula_and_every_formula_a_metric() -> None:
    assert {metric for metric, *_ in definitions()} == set(FORMULAS)


def test_what_can_be_computed_says_how_and_of_how_many() -> None:
    for metric, _, _, _, is_computable in definitions():
        if is_computable:
            assert FORMULAS[metric].formula, metric
            assert FORMULAS[metric].n, metric
