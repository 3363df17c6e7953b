"""Shredding runs some batches ahead of dlt, in bounded memory; several batches load as one.

A load is read batch by batch into one file for each table. DuckDB writes what fills its row groups
(122,880 rows) once; smaller inserts go through its log, and are compressed again and again.
"""

from __future__ import annotations

import shutil
from collections import defaultdict, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from contract import durable, raw
from contract.landing import Landing
from contract.settings import Settings
from pipelines import occupop
from pipelines.bench import Bench
from pipelines.failure import naming
from pipelines.person import PersonKeys
from pipelines.seen import Seen
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
    """Shreds the batches of one run, the first of them while the warehouse is being opened."""

    settings: Settings
    landing: Landing
    landed_before: str | None = None
    _history: occupop.History = field(init=False)
    _has_history: bool = field(init=False)  # when the run began
    _scratch: Path = field(init=False)
    _person_keys: PersonKeys = field(init=False)
    _workers: ThreadPoolExecutor = field(init=False)
    _begun: deque[tuple[Batch, Future[Shredded]]] = field(default_factory=deque)
    _idle: SimpleQueue[Bench] = field(default_factory=SimpleQueue)
    _on_the_way: list[Tables] = field(default_factory=list)  # of the load, their event ids alone
    _seen: dict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))  # of the run

    def __post_init__(self) -> None:
        self._person_keys = PersonKeys.in_directory(self.settings.secrets)
        self._workers = ThreadPoolExecutor(SHREDDERS, "shred")
        self._scratch = self.settings.state / "shred"
        shutil.rmtree(self._scratch, ignore_errors=True)  # of a run that was killed
        durable.make_directory(self._scratch)

    def begin(self, batches: Iterable[Batch]) -> None:
        """Begin with batches that will most likely be those of the run."""
        for batch in islice(batches, AHEAD):
            self._begun.append((batch, self._workers.submit(self._read, batch)))

    def close(self) -> None:
        self._workers.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().connection.close()

    def loads(
        self,
        pipeline: dlt.Pipeline,
        watermark: Mapping[str, int],
        batches: Iterable[Batch],
        summary: Summary,
    ) -> Generator[Iterator[Shredded], None, None]:
        """The batches that load together, in order; each load is read to its end before the next.

        watermark: of the complete loads when the run began. The summary counts how long a load
        waited for its batches. Raises SyncFailed.
        """
        self._has_history = bool(watermark)
        todo = list(batches)
        with closing(self._ahead(watermark, todo, summary)) as ahead:
            for count in loaded_together(todo):
                self._on_the_way.clear()  # what the load before it brought stands in the warehouse
                yield self._load(pipeline, islice(ahead, count))

    def _load(self, pipeline: dlt.Pipeline, shredded: Iterator[Shredded]) -> Iterator[Shredded]:
        with closing(occupop.History(pipeline)) as self._history:
            for batch, tables in shredded:
                self._on_the_way.append(ids := _ids(tables))
                if not self._has_history:  # else the warehouse is asked about each
                    for name, rows in ids.items():
                        self._seen[name].add(rows["event_id"])
                yield batch, tables

    def _ahead(
        self, watermark: Mapping[str, int], batches: Iterable[Batch], summary: Summary
    ) -> Generator[Shredded, None, None]:
        """Batches in order with their tables, the next ones in the making."""
        todo = iter(batches)
        coming = deque(self._submit(batch) for batch in islice(todo, AHEAD))
        while coming:
            with summary.step("shred"), naming("shred"):
                batch, tables = coming.popleft().result()
                if batch.may_repeat(watermark) and (known := self._known(_ids(tables))):
                    tables = self._shred(batch, known)
            coming.extend(self._submit(batch) for batch in islice(todo, 1))
            yield batch, tables

    def _submit(self, batch: Batch) -> Future[Shredded]:
        """A batch on its way; the one that was begun, if it is the same."""
        while self._begun:
            begun, coming = self._begun.popleft()
            if begun.entries == batch.entries:
                return coming
            coming.cancel()
        return self._workers.submit(self._read, batch)

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
            # About what was there before the run the warehouse is asked, id by id.
            suspects = ids if self._has_history else self._seen[name].maybe(ids)
            if suspects.num_rows:
                loaded = self._history.known_ids(name, suspects)
                found[name] = pa.concat_tables([self._in_this_load(name, suspects), loaded])
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
                scratch=self._scratch,
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


def loaded_together(batches: Sequence[Batch]) -> Iterator[int]:
    """How many batches load as one, in order. The last to be shredded make a load of their own:
    what came before is written meanwhile."""
    last = (len(batches) - 1) // SHREDDERS * SHREDDERS
    count = rows = 0
    for number, batch in enumerate(batches, 1):
        count, rows = count + 1, rows + batch.rows
        if rows >= LOAD_ROWS or number in (last, len(batches)):
            yield count
            count = rows = 0


def _ids(tables: Tables) -> Tables:
    """The event ids of the tables that hold one row of a delivery: a copy, since a column that
    DuckDB handed over keeps its whole table in memory."""
    return {
        name: pa.table({"event_id": rows["event_id"].filter(rows["event_id"].is_valid())})
        for name, rows in tables.items()
        if raw.TABLES[name].key == ("event_id",)
    }
