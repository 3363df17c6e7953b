"""Makes day.jsonl anew: landed lines of a small invented company, with fixed ids and times.

    python -m tests.end_to_end.make_day

Only for a change of what the golden day should cover: its figures are read by people.
"""

from __future__ import annotations

import random
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract import envelope
from simulator.company import make_company
from simulator.lines import write_lines

DAY = Path(__file__).parent / "day.jsonl"
END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        payloads = Path(folder) / "payloads.jsonl"
        write_lines(make_company(candidates=40, seed=11, end=END), payloads, 11)
        bodies = payloads.read_bytes().splitlines()
    random_ids = random.Random(11)
    landed = END
    lines = []
    for body in bodies:
        landed += timedelta(seconds=random_ids.randrange(1, 400), microseconds=7)
        event_id = str(uuid.UUID(int=random_ids.getrandbits(128), version=4))
        event = envelope.understand(body)
        lines.append(envelope.line(body, event, event_id=event_id, landed_at=landed))
    DAY.write_bytes(b"".join(lines))


if __name__ == "__main__":
    main()
