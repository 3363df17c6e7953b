"""Spark: a session on the cluster, in which dbt finds the raw tables and the mappings."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import yaml  # type: ignore[import-untyped]

from contract import durable, files, raw
from contract.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What the figures rest on. All else, such as memory, is spark-defaults.conf's.
_FIXED = {
    "spark.app.name": "hiring",
    "spark.sql.catalogImplementation": "in-memory",  # tables live as long as the session
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    # Its texts carry values: those of errors, and of tasks that are tried again.
    "spark.log.level": "OFF",
    "spark.executor.syncLogLevel.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_LOOPBACK = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
SCRATCH = "scratch"
_TYPES = {
    "varchar": "string",
    "json": "string",
    "timestamptz": "timestamp",
}
_MISSING = (
    "HIRING_ENGINE is spark, and pyspark is not installed: pip install 'occupop-hiring[spark]'"
    " (docs/spark.md)"
)


class ClusterFailed(RuntimeError):
    """Spark could not be used. Says what to look at, never the text of a driver."""


def release() -> str:
    """The release of Spark that is installed. Raises ClusterFailed."""
    try:
        return version("pyspark")
    except PackageNotFoundError:
        raise ClusterFailed(_MISSING) from None


@contextmanager
def session(settings: Settings, folder: Path, seeds: Path) -> Iterator[None]:
    """A session whose tables are written below `folder`; dbt finds it by itself.

    Raises ClusterFailed.
    """
    spark = _start(settings, folder)
    try:
        _show(spark, raw.SCHEMA, _raw_tables(), files.folder(settings))
        _show(spark, "main", _copy_seeds(seeds, folder / "seeds"), folder / "seeds")
        yield
    finally:
        spark.stop()
        shutil.rmtree(folder / SCRATCH, ignore_errors=True)  # what is left goes with the folder


def _start(settings: Settings, folder: Path) -> SparkSession:
    logging.getLogger("SQLQueryContextLogger").disabled = True  # it quotes values
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ClusterFailed(_MISSING) from None
    builder = SparkSession.builder.master(settings.spark_master)
    is_here = settings.spark_master.startswith("local")
    # Rows on their way stand on disk, too: where they are found and removed.
    folders = {"spark.sql.warehouse.dir": str(folder), "spark.local.dir": str(folder / SCRATCH)}
    given = _FIXED | (_LOOPBACK if is_here else {}) | folders
    for name, value in given.items():
        builder = builder.config(name, value)
    try:
        with warnings.catch_warnings(action="ignore"):  # of pandas, which is not used here
            return builder.getOrCreate()
    except Exception as error:  # py4j's, or pyspark's own: of many classes
        raise ClusterFailed(
            f"Spark could not be started ({type(error).__name__}): see that Java 17 or later is"
            " installed, and that the master of HIRING_SPARK_MASTER answers"
        ) from None


def _show(
    spark: SparkSession, schema: str, tables: Mapping[str, Mapping[str, str]], root: Path
) -> None:
    """Tables (name -> column -> type) that stand as files below `root`."""
    spark.sql(f"create database if not exists {schema}")
    for name, columns in tables.items():
        durable.make_directory(root / name)
        form = "json" if name == files.LOADS else "parquet"
        typed = ", ".join(f"`{column}` {_TYPES.get(t, t)}" for column, t in columns.items())
        spark.sql(
            f"create table {schema}.{name} ({typed}) using {form}"
            f" options (path '{_text(root / name)}', pathGlobFilter '*.{form}*')"
        )


def _raw_tables() -> dict[str, dict[str, str]]:
    tables = {
        table.name: {column.name: column.type for column in table.columns}
        | {"_dlt_load_id": "varchar"}
        for table in raw.TABLES.values()
    }
    return tables | {files.LOADS: files.LOADS_COLUMNS}


def _copy_seeds(seeds: Path, folder: Path) -> dict[str, dict[str, str]]:
    """The mappings as Parquet files, read as dbt reads them into DuckDB."""
    described = yaml.safe_load((seeds / "seeds.yml").read_text())["seeds"]
    tables = {seed["name"]: seed["config"]["column_types"] for seed in described}
    with duckdb.connect() as connection:
        for name, columns in tables.items():
            durable.make_directory(folder / name)
            typed = ", ".join(f"'{column}': '{type_}'" for column, type_ in columns.items())
            connection.sql(
                f"from read_csv(?, header = true, columns = {{{typed}}})",
                params=[str(seeds / f"{name}.csv")],
            ).write_parquet(str(folder / name / "rows.parquet"))
    return tables


def _text(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "\\'")
