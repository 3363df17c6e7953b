"""Which event ids a run may have met already. Eight bytes are kept of each, and no history is read.

Of those that it never met it says so: nothing else has to be asked about them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.int64]


class Seen:
    """Hashes of ids in sorted runs, each longer than the next: few runs, and seldom merged."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def add(self, ids: pa.ChunkedArray) -> None:
        run = np.sort(_hashes(ids))
        while self._runs and len(self._runs[-1]) <= len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")  # merges runs
        if len(run):
            self._runs.append(run)

    def maybe(self, ids: pa.Table) -> pa.Table:
        """The rows whose event_id was added, and by a chance of 2**-64 for each pair another."""
        hashes = _hashes(ids["event_id"])
        found = np.zeros(len(hashes), bool)
        for run in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            found |= run[place] == hashes
        return ids.filter(pa.array(found))


def _hashes(ids: pa.ChunkedArray) -> Hashes:
    return np.fromiter(map(hash, ids.to_pylist()), np.int64, len(ids))
