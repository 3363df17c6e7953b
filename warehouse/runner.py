"""dbt in this process: a command's results by node, and failures that quote no value."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from contract import lake
from contract.settings import Settings
from warehouse import parsed
from warehouse.fingerprint import PROJECT

FAILED = ("error", "fail", "runtime error")
_ERROR_CLASS = re.compile(r"\b((?:[A-Z][A-Za-z]+ )+Error)\b")
# Below dbt's own lines; a value may have lines, too.
_SPARK_CONDITION = re.compile(r"\A[^\n]*\n(?:\s*Runtime Error\n)?\s*\[([A-Z][A-Z_.]+)\]")


class BuildFailed(RuntimeError):
    """The models could not be built. The text names models and kinds of error, never a value."""


def run_dbt(
    settings: Settings,
    command: list[str],
    given: dict[str, str | int],
    built: Callable[[str], None] | None = None,
) -> dict[str, float]:
    """Run a dbt command in-process; seconds by node that was run.

    `built` is told the name of each node when it stands. Raises BuildFailed.
    """
    nodes = invoke(settings, command, given, built)
    if any(str(node.status) in FAILED for node in nodes):
        raise BuildFailed(explain(nodes, None))
    return {node.node.name: float(node.execution_time) for node in nodes}


def invoke(
    settings: Settings,
    command: list[str],
    given: dict[str, str | int],
    built: Callable[[str], None] | None = None,
) -> list[Any]:
    """The results of a dbt command, by node. Raises BuildFailed when dbt itself failed."""
    # Importing dbt takes two seconds, and only a build needs it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def told(event: Any) -> None:
        if built and event.info.name == "NodeFinished":
            node = event.data.node_info
            if node.node_status == "success":
                built(node.node_name)

    try:
        with _same_folder(), lake.held(settings):
            options = partial(_options, settings)
            manifest = parsed.project(settings.engine, given, options)
            result = dbtRunner(manifest, [told]).invoke([*command, *options(given)])
    except parsed.ParseFailed as error:
        raise BuildFailed(str(error)) from None
    finally:
        # dbt would keep the file locked for as long as the process lives.
        DuckDBConnectionManager.close_all_connections()
    nodes = list(getattr(result.result, "results", None) or [])
    if not result.success and not nodes:
        raise BuildFailed(explain(nodes, result.exception))
    return nodes


def _options(settings: Settings, given: dict[str, str | int]) -> list[str]:
    work = settings.state.resolve() / "dbt"
    return [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(work / "target"), "--log-path", str(work / "logs")),
        *("--target", settings.engine),
        *("--log-level", "none", "--log-level-file", "none", "--quiet"),
        *("--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors"),
        *("--vars", orjson.dumps(given).decode()),
    ]


@contextlib.contextmanager
def _same_folder() -> Iterator[None]:
    """dbt changes into its project; the caller's paths may be relative."""
    here = Path.cwd()
    try:
        yield
    finally:
        os.chdir(here)


def explain(nodes: list[Any], exception: BaseException | None) -> str:
    """Names and kinds only: the text of a driver quotes values."""
    failed = [
        f"{node.node.name} ({_kind(str(node.message))})"
        for node in nodes
        if str(node.status) in FAILED
    ]
    if failed:
        return "these models failed: " + ", ".join(failed)
    return f"dbt failed with {type(exception).__name__}"


def _kind(message: str) -> str:
    if condition := _SPARK_CONDITION.match(message):
        return condition[1]
    kinds = _ERROR_CLASS.findall(message)
    return kinds[-1] if kinds else "Error"
