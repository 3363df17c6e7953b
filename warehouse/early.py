"""Estimates beside dbt: they begin when the models stand that they are made of.

dbt is Python, and leaves a core to DuckDB. Where views are built, too, and in a lake they wait for
dbt.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import duckdb

from contract.settings import Settings
from warehouse.estimators import estimate

# Tables that estimates/*.sql read; the views among what they read stand from build to build.
MADE_OF = frozenset(
    {
        "freshness",
        "int_applications",
        "int_screenings",
        "int_touched_jobs",
        "job_steps",
        "stage_visits",
    }
)


def may_begin(settings: Settings, rebuilt: str | None) -> bool:
    """Whether a build may make them beside dbt. Of two that write into a lake at once, one would
    have to try again."""
    return settings.engine == "duckdb" and not rebuilt


class Early:
    """The estimates of one build. Nobody else uses the connection meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._missing = set(MADE_OF)
        self._beside = ThreadPoolExecutor(1, "estimates")
        self._made: Future[dict[str, float]] | None = None

    def __enter__(self) -> Early:
        return self

    def stands(self, model: str) -> None:
        """This build has made the model."""
        self._missing.discard(model)
        if not self._missing and self._made is None:
            self._made = self._beside.submit(estimate, self._connection)

    def made(self) -> dict[str, float]:
        """Seconds by maker, when all are made. Raises EstimatesFailed."""
        if self._made is None:
            return estimate(self._connection)
        return self._made.result()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._beside.shutdown()
