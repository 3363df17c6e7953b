"""Where values stand in a home: every row, line, body, page and package, decoded."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from contract.segment import PACKED
from contract.sql import escaped
from privacy.search import Search, Value

_LINES = (".jsonl", ".log")
_TEXT_TYPES = ("VARCHAR", "BLOB", "UUID", "JSON", "ENUM")
_NESTED = ("[]", "STRUCT", "MAP", "UNION")
_ROWS = 10_000
_CHUNK = 16 << 20


class NotReadable(RuntimeError):
    """A file could not be read, so nothing is proven of it. Names it and the error's class."""


@dataclass
class Seen:
    """What a look found.

    hits: place -> rows, lines, or bodies with a value. values: those found. looked: place -> all.
    """

    hits: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    values: set[Value] = field(default_factory=set)

    def note(self, place: str, found: set[Value]) -> None:
        self.looked[place] += 1
        self.hits[place] += bool(found)
        self.values |= found

    def __or__(self, other: Seen) -> Seen:
        return Seen(self.hits + other.hits, self.looked + other.looked, self.values | other.values)

    def places(self) -> dict[str, int]:
        """place -> hits, where there are any."""
        return {place: count for place, count in sorted(self.hits.items()) if count}


def look(root: Path, search: Search, leave_out: Iterable[str] = ()) -> Seen:
    """Read everything under `root`, decoded. leave_out: paths below it, of files or folders.

    Raises NotReadable, OSError: what can't be read is not proven to be clean.
    """
    seen = Seen()
    for path in files(root, leave_out):
        name = str(path.relative_to(root))
        try:
            _look_at(path, name, search, seen)
        except (duckdb.Error, EOFError) as error:  # their text carries values
            raise NotReadable(f"{name} can't be read ({type(error).__name__})") from None
    return seen


def _look_at(path: Path, name: str, search: Search, seen: Seen) -> None:
    for place, texts in _content(path, name):
        for text in texts:
            found = search.found(text) if isinstance(text, str) else search.found_bytes(text)
            seen.note(place, found)


def scan_bytes(root: Path, search: Search, leave_out: Iterable[str] = ()) -> Seen:
    """Read the bare bytes of every file. Compressed strings are not found so."""
    seen = Seen()
    longest = max((len(value.text) for value in search.values), default=0) * 4
    for path in files(root, leave_out):
        with path.open("rb") as file:
            tail = b""
            while chunk := file.read(_CHUNK):
                text = (tail + chunk).decode("utf-8", "replace")
                seen.note(str(path.relative_to(root)), search.found_plain(text))
                tail = chunk[-longest:]
    return seen


def files(root: Path, leave_out: Iterable[str] = ()) -> Iterator[Path]:
    """Every file below `root` once: symbolic links and further names of a file are left out."""
    left_out, known = [root / name for name in leave_out], set()
    for path in sorted(root.rglob("*")):
        is_ours = path.is_file() and not path.is_symlink()
        if is_ours and not any(path == out or out in path.parents for out in left_out):
            status = path.stat()
            if (file := (status.st_dev, status.st_ino)) not in known:
                known.add(file)
                yield path


def _content(path: Path, name: str) -> Iterator[tuple[str, Iterable[str | bytes]]]:
    """(place, texts) of a file by what it is."""
    if _is_database(path):  # whatever its name: a kept version, a publication that was killed
        yield from _tables(path, name)
    elif PACKED in path.suffixes:  # half of one is not readable, and proves nothing
        yield _folder(name), _parquet(path)
    elif path.suffix == ".gz":
        yield _folder(name), [gzip.decompress(path.read_bytes())]
    elif path.suffix in _LINES:
        yield _folder(name), _lines(path)
    else:
        yield _folder(name), [path.read_bytes()]


def _folder(name: str) -> str:
    """A place that a person can read: not one for every segment."""
    parts = name.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0] if len(parts) == 2 else name


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from lines


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _tables(path: Path, name: str) -> Iterator[tuple[str, Iterable[str]]]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{_quoted(path)}' as looked (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'looked' order by all"
        ).fetchall()
        for schema, table in tables:
            texts = rows(connection, f'looked."{schema}"."{table}"')
            yield f"{name} {schema}.{table}", texts


def _parquet(path: Path) -> Iterator[str]:
    with duckdb.connect() as connection:
        yield from rows(connection, f"read_parquet('{_quoted(path)}')")


def rows(connection: duckdb.DuckDBPyConnection, source: str) -> Iterator[str]:
    """The text of every row; numbers and times name nobody."""
    columns = connection.execute(f"describe select * from {source}").fetchall()
    parts = (_as_text(name, str(type_)) for name, type_, *_ in columns)
    wanted = ", ".join(part for part in parts if part)
    if wanted:
        connection.execute(f"select concat_ws(chr(10), {wanted}) from {source}")
        while found := connection.fetchmany(_ROWS):
            yield from (row[0] for row in found)


def _as_text(name: str, type_: str) -> str | None:
    column = '"' + name.replace('"', '""') + '"'
    if any(sign in type_ for sign in _NESTED):
        return f"to_json({column})::varchar"
    return f"{column}::varchar" if type_.startswith(_TEXT_TYPES) else None


def _quoted(path: Path) -> str:
    return escaped(path.resolve())
