"""A seal that dies before each of its steps on the disk, and is then done again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.landing import Landing
from receiver import seal, spare
from receiver.frames import frame
from receiver.slot import Slot
from tests.receiver.conftest import landed
from tests.receiver.test_seal import journal, line, places, recover


class Killed(BaseException):
    """No handler of ours catches it, as none sees SIGKILL."""


class Steps:
    """Counts the steps that change the disk, and dies before the one that is asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken = 0
        self.last: int | None = None
        for owner, name in (
            (os, "open"),
            (os, "fsync"),
            (os, "pwrite"),
            (os, "fdatasync"),
            (os, "truncate"),
            (Path, "mkdir"),
            (Path, "replace"),
            (Path, "unlink"),
        ):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if self.taken == self.last:
                raise Killed
            self.taken += 1
            return step(*arguments, **options)

        return counted


@pytest.mark.parametrize("known", [True, False], ids=["places known", "scanned"])
def test_every_step_of_the_seal_may_be_the_last(
    tmp_path: Path, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the recovery a reader sees none of the batch or all of it; after it, all, once."""
    monkeypatch.setattr(spare, "_CUT", 400)  # a journal that goes in several steps
    monkeypatch.setattr(spare, "_STEP", 400)  # or is overwritten in some
    content = b"".join(frame(line(number)) for number in (0, 3, 4))
    seen, deaths, died = set(), 0, True
    while died:
        home = tmp_path / str(deaths)
        path = journal(home, content)
        slot = Slot(Landing(home), "w0")
        with pytest.MonkeyPatch.context() as monkeypatch:
            Steps(monkeypatch).last = deaths
            try:
                given = places(0, 3, 4) if known else None
                seal.seal(slot, 1, path, lambda _damage: None, given)
                died = False
            except Killed:
                deaths += 1
        slot.release()
        seen.add(len(landed(home)))
        recover(home)
        assert [head["event_id"] for head, _ in landed(home)] == ["id-0", "id-4", "id-3"]
        assert [left.name for left in path.parent.iterdir()] == ["w0.lock"]
    assert seen == {0, 3}
    assert deaths > 22  # two or more segments of four steps, folders, the manifest entry, cuts
