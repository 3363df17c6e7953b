"""A step that kills: what comes after it never happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest


class Killed(BaseException):
    pass


@dataclass
class Steps:
    """Dies at the step of this number. taken: how many were taken, the last one among them."""

    at: int
    taken: int = 0

    def dying(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.taken += 1
            if self.taken == self.at:
                raise Killed
            return real(*args, **kwargs)

        return step


@contextmanager
def killed_at(
    monkeypatch: pytest.MonkeyPatch, at: int, *steps: tuple[type, str]
) -> Iterator[Steps]:
    """Calls of these (owner, name) are the steps."""
    counted = Steps(at)
    with monkeypatch.context() as patch:
        for owner, name in steps:
            patch.setattr(owner, name, counted.dying(getattr(owner, name)))
        yield counted
