"""Our way, whole processes: `raw HOME` loads the landing zone; `sync HOME` builds and publishes.

python -m benchmarks.pipeline.ours raw HOME
"""

from __future__ import annotations

import sys
from pathlib import Path

from contract.settings import Settings
from pipelines.summary import Summary
from pipelines.sync import load


def main(what: str, home: Path) -> None:
    settings = Settings(home=home)
    if what == "raw":
        load(settings, Summary(), lambda _: None)
    else:
        from hiring import run_sync

        summary = run_sync(settings, lambda _: None)
        print(" ".join(f"{step}={seconds:.2f}" for step, seconds in summary.seconds.items()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
