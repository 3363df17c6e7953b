"""Shredding runs some batches ahead of dlt, in bounded memory; several batches load as one.

A load is read batch by batch into one file for each table. DuckDB writes what fills its row groups
(122,880 rows) once; smaller inserts go through its log, and are compressed again and again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from contract import raw
from contract.landing import Landing
from contract.settings import Settings
from pipelines import occupop
from pipelines.bench import Bench
from pipelines.failure import naming
from pipelines.person import PersonKeys
from pipelines.segments import Batch, Known
from pipelines.shred import shred
from pipelines.summary import Summary

if TYPE_CHECKING:
    import dlt

LOAD_ROWS = 400_000
SHREDDERS = 2
AHEAD = 2  # batches; while a load is written, shredding goes on
Tables = Mapping[str, pa.Table]
Shredded = tuple[Batch, Tables]


@dataclass
class Shredder:
    """Shreds the batches of one run. watermark: of the complete loads when the run began."""

    settings: Settings
    landing: Landing
    pipeline: dlt.Pipeline
    watermark: Mapping[str, int]
    landed_before: str | None
    _has_history: bool = field(init=False)
    _person_keys: PersonKeys = field(init=False)
    _idle: SimpleQueue[Bench] = field(default_factory=SimpleQueue)
    _on_the_way: list[Tables] = field(default_factory=list)  # of the load, their event ids alone

    def __post_init__(self) -> None:
        self._has_history = bool(self.watermark)
        self._person_keys = PersonKeys.in_directory(self.settings.secrets)

    def loads(
        self, batches: Iterable[Batch], summary: Summary
    ) -> Generator[Iterator[Shredded], None, None]:
        """The batches that load together, in order; each load is read to its end before the next.

        The summary counts how long a load waited for its batches. Raises SyncFailed.
        """
        with closing(self._ahead(batches, summary)) as ahead:
            for first in ahead:
                self._on_the_way.clear()  # what the load before it brought stands in the warehouse
                yield self._load(first, ahead)
                self._has_history = True

    def _load(self, first: Shredded, rest: Iterator[Shredded]) -> Iterator[Shredded]:
        coming: Shredded | None = first
        rows = 0
        while coming:
            batch, tables = coming
            self._on_the_way.append(_ids(tables))
            rows += batch.rows
            yield coming
            coming = next(rest, None) if rows < LOAD_ROWS else None

    def _ahead(self, batches: Iterable[Batch], summary: Summary) -> Generator[Shredded, None, None]:
        """Batches in order with their tables, the next ones in the making."""
        todo = iter(batches)
        workers = ThreadPoolExecutor(SHREDDERS, "shred")
        try:
            coming = deque(workers.submit(self._read, batch) for batch in islice(todo, AHEAD))
            while coming:
                with summary.step("shred"), naming("shred"):
                    batch, tables = coming.popleft().result()
                    may_repeat = batch.may_repeat(self.watermark)
                    if known := self._known(_ids(tables)) if may_repeat else {}:
                        tables = self._shred(batch, known)
                coming.extend(workers.submit(self._read, batch) for batch in islice(todo, 1))
                yield batch, tables
        finally:
            workers.shutdown(cancel_futures=True)
            while not self._idle.empty():
                self._idle.get().connection.close()

    def _read(self, batch: Batch) -> Shredded:
        """A batch and its tables. The warehouse is not read: a load is on its way."""
        batch.verify(self.landing)
        return batch, self._shred(batch)

    def _known(self, asked: Tables) -> Known:
        """The deliveries that were loaded before, or come with an earlier batch of this load.

        dlt's clients keep the frames that asked for them for a while: this one has ids alone, and
        is called by a generator, which has one frame for all batches.
        """
        found = {}
        for name, ids in asked.items():
            found[name] = self._in_this_load(name, ids)
            if self._has_history:
                loaded = occupop.known_ids(self.pipeline, name, ids)
                found[name] = pa.concat_tables([found[name], loaded])
        return {name: ids for name, ids in found.items() if ids.num_rows}

    def _in_this_load(self, name: str, ids: pa.Table) -> pa.Table:
        """Ids asked for are what is looked in: few, where those of the load may be many."""
        before = [chunk for one in self._on_the_way for chunk in one[name]["event_id"].chunks]
        brought = pa.table({"event_id": pa.chunked_array(before, pa.string())})
        return brought.filter(pc.is_in(brought["event_id"], value_set=ids["event_id"]))

    def _shred(self, batch: Batch, known: Known | None = None) -> Tables:
        with self._bench() as bench:
            return shred(
                bench,
                self.landing,
                batch,
                scratch=self.settings.state / "dlt",  # emptied when a run starts
                known=known,
                landed_before=self.landed_before,
            )

    @contextmanager
    def _bench(self) -> Iterator[Bench]:
        """One that is idle, else a new one. One with a batch that failed is not used again."""
        try:
            bench = self._idle.get_nowait()
        except Empty:
            bench = Bench(self.settings.source_timezone, self._person_keys)
        yield bench
        self._idle.put(bench)


def _ids(tables: Tables) -> Tables:
    """The event ids of the tables that hold one row of a delivery: a copy, since a column that
    DuckDB handed over keeps its whole table in memory."""
    return {
        name: pa.table({"event_id": rows["event_id"].filter(rows["event_id"].is_valid())})
        for name, rows in tables.items()
        if raw.TABLES[name].key == ("event_id",)
    }
