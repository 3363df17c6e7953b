"""The shredding step alone, in a process of its own: python -m benchmarks.compaction.shredding HOME

Prints seconds, CPU seconds and rows as JSON; imports are left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from contract.landing import Landing
from pipelines.bench import Bench
from pipelines.person import PersonKeys
from pipelines.segments import batches
from pipelines.shred import shred


def main(home: Path) -> None:
    landing, rows = Landing(home), 0
    start, cpu = time.perf_counter(), time.process_time()
    with Bench("UTC", PersonKeys(b"secret")) as bench:
        for batch in batches(landing.entries({})):
            batch.verify(landing)
            tables = shred(bench, landing, batch, scratch=home)
            rows += sum(table.num_rows for table in tables.values())
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "rows": rows}
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
