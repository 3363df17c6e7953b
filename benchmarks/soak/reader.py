"""An analyst who never stops: `python -m benchmarks.soak.reader HOME OUT`, until SIGTERM.

Opens the published file again and again. Writes a line of JSON to OUT for each version that it
sees, and for each read that failed or saw half a run.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, Self

import duckdb

NAP = 0.1


class Reader:
    """A reader in a process of its own, stopped at the end of the block."""

    def __init__(self, home: Path, number: int) -> None:
        self._out = home.parent / f"reader{number}.jsonl"
        command = [sys.executable, "-m", "benchmarks.soak.reader", str(home), str(self._out)]
        self._process = subprocess.Popen(command)

    def stop(self) -> list[dict[str, Any]]:
        """What it saw; the last line counts its reads."""
        self._process.terminate()
        self._process.wait(30)
        return [json.loads(line) for line in self._out.read_text().splitlines()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()


_READ_ANYWAY = 10  # naps after which an unchanged file is read again
_WHOLE = """
with applied as (select sum(applications) as n from jobs),
held as (select count(*) as n from applications where job_uuid in (select job_uuid from jobs))
select
    epoch_us(as_of), events_loaded,
    events_loaded = candidate_states + job_states + other_events + repeats
    and coalesce(applied.n, 0) = held.n
from freshness, applied, held
"""


def main(home: Path, out: Path) -> None:
    stopped: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.append(number)

    signal.signal(signal.SIGTERM, stop)
    published, seen, waited, reads = home / "hiring.duckdb", 0, 0, 0
    with out.open("w", buffering=1) as file:
        while not stopped:
            inode = published.stat().st_ino if published.exists() else 0
            waited += 1
            if inode and (inode != seen or waited >= _READ_ANYWAY):
                told, reads, waited = look(published), reads + 1, 0
                if inode != seen or not told.get("is_whole"):
                    file.write(json.dumps(told) + "\n")
                seen = inode
            time.sleep(NAP)
        file.write(json.dumps({"reads": reads}) + "\n")


def look(published: Path) -> dict[str, Any]:
    """What one opening of the file shows; `error` when it can't be read."""
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            row = connection.execute(_WHOLE).fetchone() or (None, 0, False)
    except duckdb.Error as error:
        return {"at": time.time(), "error": type(error).__name__, "is_whole": False}
    return {"at": time.time(), "as_of": row[0], "events": row[1], "is_whole": bool(row[2])}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
