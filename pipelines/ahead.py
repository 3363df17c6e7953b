"""Shredding runs one batch ahead of the load: DuckDB works while dlt does, in bounded memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from contract import raw
from contract.landing import Landing
from contract.settings import Settings
from pipelines import occupop
from pipelines.failure import naming
from pipelines.person import PersonKeys
from pipelines.segments import Batch, Known
from pipelines.shred import shred
from pipelines.summary import Summary

if TYPE_CHECKING:
    import dlt

Tables = Mapping[str, pa.Table]


@dataclass
class Shredder:
    """Shreds the batches of one run. watermark: of the complete loads when the run began."""

    settings: Settings
    landing: Landing
    pipeline: dlt.Pipeline
    watermark: Mapping[str, int]
    landed_before: str | None

    def ahead(
        self, batches: Iterable[Batch], summary: Summary
    ) -> Generator[tuple[Batch, Tables], None, None]:
        """Batches in order with their tables, the next one in the making.

        The summary counts how long a load waited for it. Raises SyncFailed.
        """
        todo = iter(batches)
        with ThreadPoolExecutor(1, "shred") as worker:
            coming = worker.submit(self._next, todo)
            while True:
                with summary.step("shred"), naming("shred"):
                    found = coming.result()
                    if found is None:
                        return
                    batch, tables = found
                    if batch.may_repeat(self.watermark) and (known := self._known(tables)):
                        tables = self._shred(batch, known)
                coming = worker.submit(self._next, todo)
                yield batch, tables

    def _next(self, todo: Iterator[Batch]) -> tuple[Batch, Tables] | None:
        """The next batch and its tables. The warehouse is not read: a load is on its way."""
        batch = next(todo, None)
        return None if batch is None else (batch, self._shred(batch))

    def _known(self, tables: Tables) -> Known:
        """The deliveries that were loaded before."""
        found = {
            name: occupop.known_ids(self.pipeline, name, rows)
            for name, rows in tables.items()
            if raw.TABLES[name].key == ("event_id",) and rows.num_rows
        }
        return {name: ids for name, ids in found.items() if ids.num_rows}

    def _shred(self, batch: Batch, known: Known | None = None) -> Tables:
        return shred(
            self.landing,
            batch,
            source_timezone=self.settings.source_timezone,
            person_keys=PersonKeys.in_directory(self.settings.secrets),
            scratch=self.settings.state / "dlt",  # emptied when a run starts
            known=known,
            landed_before=self.landed_before,
        )
