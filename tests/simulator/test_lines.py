from __future__ import annotations

from pathlib import Path

import orjson

from simulator.company import Company
from simulator.lines import write_lines
from simulator.schedule import Schedule, landable


def test_each_landable_delivery_is_one_line(company: Company, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"

    sent = write_lines(company, path, seed=1)

    lines = path.read_bytes().splitlines()
    expected = [orjson.loads(one.body) for one in landable(Schedule(company, 1))]
    assert [orjson.loads(line) for line in lines] == expected
    assert sent.answered == {"landed": len(lines)}
    assert sum(sent.landed.values()) == len(lines)


def test_the_same_seed_writes_the_same_file(company: Company, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_lines(company, tmp_path / name, seed=1)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
