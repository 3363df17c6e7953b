"""A journal that ends, or is overwritten, at every byte: what recovery makes of it."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.campaign.audit import Verdict
from contract import durable, envelope
from contract.landing import Landing
from receiver import seal
from receiver.frames import frame
from receiver.slot import Slot

_LINES = 12


def tails(folder: Path, seeds: range, step: int = 1) -> Iterator[Verdict]:
    """A journal a seed; each of its bytes as the end, followed by nothing, NUL or garbage.

    `step`: only each so many-th byte, for a quick try.
    """
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311  a repeatable trial, not a secret
        lines = [_line(number, chance) for number in range(_LINES)]
        content = b"".join(map(frame, lines))
        lost = wrong = 0
        for cut in range(0, len(content) + 1, step):
            whole = _whole(lines, cut)
            for tail in (b"", b"\0" * chance.randrange(1, 5000), chance.randbytes(200)):
                found = _recover(folder / "home", content[:cut] + tail)
                lost += len(set(whole) - set(found))
                wrong += len(set(found) - set(whole)) + len(found) - len(set(found))
        yield Verdict(3 * (len(content) + 1), 0, lost, wrong)


def _line(number: int, chance: random.Random) -> bytes:
    name = chance.choice(("CandidateResource_created", "JobResource_updated", "Other"))
    data = {"uuid": str(number), "text": "é" * chance.randrange(0, 60)}
    body = json.dumps({"meta": {"event_name": name}, "data": data}, ensure_ascii=False).encode()
    time = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * number)
    return envelope.line(body, envelope.understand(body), event_id=str(number), landed_at=time)


def _whole(lines: list[bytes], cut: int) -> list[bytes]:
    end, whole = 0, []
    for line in lines:
        end += len(frame(line))
        if end <= cut:
            whole.append(line)
    return whole


def _recover(home: Path, content: bytes) -> list[bytes]:
    """The lines that are sealed out of a journal with this content; the home is removed."""
    landing = Landing(home)
    path = landing.journal("w0", 1)
    durable.make_directory(path.parent)
    path.write_bytes(content)
    slot = Slot(landing, "w0")
    try:
        seal.seal_all(slot, lambda _damage: None)
    finally:
        slot.release()
    found = [
        line
        for entry in landing.entries({})
        for file in entry.files
        for line in landing.lines(file.path)
    ]
    shutil.rmtree(home)
    return found
