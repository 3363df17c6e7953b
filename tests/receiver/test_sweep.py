"""What a dead worker left is sealed by a living one: at its start, and soon again if that fails."""

from __future__ import annotations

from pathlib import Path

from contract import durable
from contract.landing import Landing
from receiver.frames import frame
from tests.receiver.conftest import Start, eventually
from tests.receiver.test_seal import line


def left_by(slot: str, home: Path, number: int) -> Path:
    path = Landing(home).journal(slot, 1)
    durable.make_directory(path.parent)
    path.write_bytes(frame(line(number)))
    return path


def test_a_sweep_that_failed_comes_again_soon_and_holds_up_no_other_slot(
    start: Start, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    bad, good = left_by("w7", home, 1), left_by("w8", home, 2)
    in_the_way = Landing(home).root / "_manifest" / "w7"
    durable.make_directory(in_the_way.parent)
    in_the_way.touch()  # a file where the folder of its manifest should be
    receiver = start(home=home)
    eventually(lambda: not good.exists())
    assert bad.exists()
    in_the_way.unlink()
    eventually(lambda: not bad.exists(), 20)
    assert {head["event_id"] for head, _ in receiver.stop()} == {"id-1", "id-2"}
