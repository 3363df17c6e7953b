"""What dbt parsed of the project, kept in the user's cache folder for the next build or home.

Parsing takes longer than a small build. What is kept names no home and holds no data; without it,
or when it is damaged, dbt parses anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import platformdirs

from contract import durable
from warehouse.fingerprint import PROJECT

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

OF_A_HOME = ("warehouse", "seeds")  # variables that only tell where things are
READ_BY_DBT = (".sql", ".yml", ".csv", ".md")
_PACKAGES = ("dbt-core", "dbt-adapters", "dbt-common")
_DIGEST = hashlib.sha256().digest_size
_KEPT = 8  # by versions, engines and settings; each 1.3 MB

Variables = dict[str, str | int]


class ParseFailed(RuntimeError):
    """dbt can't read the project; the text names the kind of error."""


def project(engine: str, given: Variables, options: Callable[[Variables], list[str]]) -> Manifest:
    """The project as dbt parses it: by a former build of any home, or now.

    `options` makes dbt's options of variables. Raises ParseFailed.
    """
    # Slow to import, and only a build needs it.
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    shared = {name: value for name, value in given.items() if name not in OF_A_HOME}
    name = key(engine, shared)
    manifest = read(name)
    if manifest is None:
        # With the shipped seeds, since what is kept must name no home.
        asked = options(shared | {"warehouse": given["warehouse"]})
        result = dbtRunner().invoke(["parse", "--no-write-json", *asked])
        if not isinstance(result.result, Manifest):
            raise ParseFailed(f"dbt failed with {type(result.exception).__name__}")
        manifest = result.result
        keep(name, manifest)
    return seeded_from(manifest, Path(str(given["seeds"])))


def key(engine: str, given: Variables) -> str:
    """Names all that a parse depends on, but for the home."""
    adapter = "dbt-spark" if engine == "spark" else "dbt-duckdb"
    versions = [sys.version, *(version(name) for name in (*_PACKAGES, adapter))]
    digest = hashlib.sha256(orjson.dumps([engine, given, versions], option=orjson.OPT_SORT_KEYS))
    for path in sorted(p for p in PROJECT.rglob("*") if p.suffix in READ_BY_DBT):
        digest.update(f"\0{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def read(name: str) -> Manifest | None:
    """What was kept under this key; None when there is nothing, or nothing sound."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    path = _path(name)
    if path is None or not _is_ours(path):
        return None
    # Whatever it holds, dbt can do without.
    with contextlib.suppress(Exception):
        content = path.read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() == content[:_DIGEST]:
            manifest: Manifest = Manifest.from_msgpack(
                content[_DIGEST:], decoder=extended_mashumuro_decoder
            )
            manifest.build_flat_graph()
            return manifest
    return None


def keep(name: str, manifest: Manifest) -> None:
    """Keep a parse that nothing has run by yet. A folder that can't be written keeps none."""
    from dbt.parser.manifest import extended_mashumaro_encoder

    path = _path(name)
    if path is None:
        return
    manifest.files = {}  # for a parse of what changed: whole paths, and dbt keeps its own
    content = manifest.to_msgpack(extended_mashumaro_encoder)
    with contextlib.suppress(OSError):
        durable.write(path, [hashlib.sha256(content).digest(), content])
        newest = sorted(path.parent.glob("*.dbt"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in newest[_KEPT:]:
            old.unlink()


def seeded_from(manifest: Manifest, seeds: Path) -> Manifest:
    """The same with its seeds read from this folder, and not where they were parsed."""
    from dbt.contracts.graph.nodes import SeedNode

    for node in manifest.nodes.values():
        if isinstance(node, SeedNode):
            # dbt reads below root_path what its project lacks.
            node.root_path, node.original_file_path = str(seeds), node.path
    return manifest


def _path(name: str) -> Path | None:
    folder = platformdirs.user_cache_path("hiring")
    return folder / f"{name}.dbt" if folder.is_absolute() else None


def _is_ours(path: Path) -> bool:
    """It holds SQL that will run: another user's is not read."""
    try:
        stat = path.stat()
    except OSError:
        return False
    return stat.st_uid == os.geteuid() and not stat.st_mode & 0o022
