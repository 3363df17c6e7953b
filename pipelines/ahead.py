"""Shredding runs one batch ahead of the load: DuckDB works while dlt does, in bounded memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from contract.landing import Landing
from contract.settings import Settings
from pipelines import occupop
from pipelines.failure import naming
from pipelines.person import PersonKeys
from pipelines.segments import Batch
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
            coming = worker.submit(self._next, todo, {})
            while True:
                with summary.step("shred"), naming("shred"):
                    found = coming.result()
                if found is None:
                    return
                coming = worker.submit(self._next, todo, found[1])
                yield found

    def _next(self, todo: Iterator[Batch], loading: Tables) -> tuple[Batch, Tables] | None:
        """The next batch and its tables, while `loading` is on its way."""
        batch = next(todo, None)
        return None if batch is None else (batch, self._shred(batch, loading))

    def _shred(self, batch: Batch, loading: Tables) -> Tables:
        def known(table: str) -> Iterator[Any]:
            if table in loading:
                yield loading[table].select(["event_id"])
            yield from occupop.known_ids(self.pipeline, table)

        return shred(
            self.landing,
            batch,
            source_timezone=self.settings.source_timezone,
            person_keys=PersonKeys.in_directory(self.settings.secrets),
            known=known if batch.may_repeat(self.watermark) else None,
            landed_before=self.landed_before,
        )
