"""Landed lines as DuckDB reads them: JSON or Parquet, where they lie; small JSON ones joined.

DuckDB needs 0.7 MB and 4 ms for a file, whatever it holds: 43,000 segments of one event each
would not fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.segment import PACKED
from pipelines.payload_sql import literal

LARGEST_LINE = 64 << 20
SMALL = 1 << 20
ENVELOPE = {
    "event_id": "VARCHAR",
    "landed_at": "TIMESTAMPTZ",
    "event_name": "VARCHAR",
    "resource_type": "VARCHAR",
    "resource_uuid": "VARCHAR",
    "body_sha256": "VARCHAR",
    "source": "VARCHAR",
    "as_of": "TIMESTAMPTZ",
    "tombstoned": "BOOLEAN",
    "alive": "VARCHAR",
    "body": "JSON",
}
LINE = ENVELOPE | {"file_number": "BIGINT"}
_JOINED = "_file_number"  # key put in front of each line of a joined file


@dataclass(frozen=True)
class Lines:
    """The lines of some segments. scratch: a folder for joined ones, as long as they are read."""

    files: Sequence[Path]
    scratch: Path

    def of(self, event_names: Sequence[str]) -> str:
        """Query: lines in the segments of some events; file_number: the place in `files`."""
        folders = {f"event_name={name}" for name in event_names}
        found = {n: f for n, f in enumerate(self.files) if f.parent.parent.name in folders}
        packed = {n: f for n, f in found.items() if f.suffix == PACKED}
        plain = {n: f for n, f in found.items() if n not in packed}
        queries = [self._plain(plain, "-".join(event_names))] if plain else []
        queries += [_read_parquet(packed)] if packed else []
        return f"({' union all '.join(queries or [_none()])})"

    def _plain(self, found: Mapping[int, Path], name: str) -> str:
        small = {n: f for n, f in found.items() if f.stat().st_size < SMALL}
        numbers: list[int | None] = [n for n in found if n not in small]
        files = [found[n] for n in found if n not in small]
        if small:
            numbers.append(None)
            files.append(self._join(small, name))
        return _read_json(files, numbers)

    def _join(self, files: Mapping[int, Path], name: str) -> Path:
        path = self.scratch / f"{name}.jsonl"
        with path.open("wb", buffering=1 << 20) as joined:
            joined.writelines(_numbered(files))
        return path


def _numbered(files: Mapping[int, Path]) -> Iterator[bytes]:
    for number, file in files.items():
        head = b'{"%b":%d,' % (_JOINED.encode(), number)
        with file.open("rb") as lines:
            yield from (head + line[1:] for line in lines)


def _read_json(files: Sequence[Path], numbers: Sequence[int | None]) -> str:
    given = ", ".join("null" if number is None else str(number) for number in numbers)
    columns = ", ".join(
        f"{name}: '{type_}'" for name, type_ in (ENVELOPE | {_JOINED: "BIGINT"}).items()
    )
    return f"""select * exclude ({_JOINED}),
            coalesce(([{given}]::bigint[])[file_index::bigint + 1], {_JOINED}) as file_number
        from read_json([{_names(files)}], format = 'newline_delimited', columns = {{{columns}}},
            hive_partitioning = false, maximum_object_size = {LARGEST_LINE})"""


def _read_parquet(found: Mapping[int, Path]) -> str:
    """The same of Parquet segments; the body is the text that came, which read_json minifies."""
    columns = ", ".join(
        name if type_ == "JSON" else f"{name}::{type_} as {name}"
        for name, type_ in ENVELOPE.items()
    )
    return f"""select {columns}, ({list(found)}::bigint[])[file_index::bigint + 1] as file_number
        from read_parquet([{_names(found.values())}], hive_partitioning = false)"""


def _names(files: Iterable[Path]) -> str:
    return ", ".join(literal(str(file)) for file in files)


def _none() -> str:
    nulls = ", ".join(f"null::{type_} as {name}" for name, type_ in ENVELOPE.items())
    return f"select {nulls}, null::bigint as file_number limit 0"
