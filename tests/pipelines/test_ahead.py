from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.ahead import LOAD_ROWS, loaded_together


def _batches(*rows: int) -> Any:
    return [SimpleNamespace(rows=each) for each in rows]


@pytest.mark.parametrize(("batches", "together"), [(1, [1]), (2, [2]), (3, [2, 1]), (6, [4, 2])])
def test_the_last_to_be_shredded_are_a_load_of_their_own(batches: int, together: list[int]) -> None:
    assert list(loaded_together(_batches(*[30_000] * batches))) == together


def test_a_load_ends_when_it_has_its_rows() -> None:
    half = LOAD_ROWS // 2
    assert list(loaded_together(_batches(*[half] * 5))) == [2, 2, 1]


def test_without_batches_there_is_no_load() -> None:
    assert list(loaded_together([])) == []
