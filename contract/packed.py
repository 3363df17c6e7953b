"""A segment as Parquet: what the envelope says in columns, and the body as it was received.

It stands for the same lines as JSON, byte for byte and in their order: `lines` gives back what
`chunks` took. A line that its columns do not spell exactly as it stood (another order of keys, a
field that is not known here) is kept whole beside them, in `line`.

Values are texts as the line has them, so that nothing is converted on the way. There are no
statistics: the footer would show the least and the greatest of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
import pyarrow as pa
from pyarrow import parquet

from contract import envelope
from contract.segment import DamagedSegment, Unpackable

ROW_GROUP = 4096  # lines; and this many bytes of lines, so that memory is bounded
ROW_GROUP_BYTES = 16 << 20
LEVEL = 9  # of zstd: docs/decisions/compaction.md
_ALWAYS = (
    *("event_id", "landed_at", "event_name", "resource_type", "resource_uuid"),
    *("body_sha256", "source"),
)
_TEXTS = ("webhook_id", "as_of")
_FLAGS = ("nl", "tombstoned")
_SOMETIMES = (*_TEXTS, *_FLAGS, "alive")  # in the order in which a line has them
_NAMES = (*_ALWAYS, *_SOMETIMES)
_REPEATED = ["event_name", "resource_type", "source"]
_SCHEMA = pa.schema(
    [(name, pa.bool_() if name in _FLAGS else pa.string()) for name in _NAMES]
    + [("body", pa.string()), ("line", pa.string())]
)
_READ_ROWS = 1024


def chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a Parquet file of landed lines, in pieces of bounded size.

    Equal lines give equal bytes. Raises Unpackable.
    """
    sink = _Sink()
    # The sink outlives the writer's with-block: the footer is written when it closes.
    with parquet.ParquetWriter(
        pa.PythonFile(sink, "w"),
        _SCHEMA,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=_REPEATED,
        write_statistics=False,
        write_page_checksum=True,
        store_schema=False,
        data_page_size=4 * ROW_GROUP_BYTES,  # one page, one compression, for a column of a group
    ) as writer:
        for rows in _groups(lines):
            writer.write_table(pa.Table.from_pylist(rows, _SCHEMA), row_group_size=len(rows))
            yield from sink.taken()
    yield from sink.taken()


def lines(path: Path) -> Iterator[bytes]:
    """The landed lines in a Parquet file, as they were. Raises DamagedSegment, OSError."""
    with path.open("rb") as file:
        rows = _rows(file, path)
        while (batch := next(rows, None)) is not None:
            yield from map(_line, batch)


def _rows(file: BinaryIO, path: Path) -> Iterator[list[dict[str, Any]]]:
    try:
        with parquet.ParquetFile(file, page_checksum_verification=True) as opened:
            if opened.schema_arrow.names != _SCHEMA.names:
                raise DamagedSegment(path)
            for batch in opened.iter_batches(_READ_ROWS, use_threads=False):
                yield batch.to_pylist()
    except (pa.ArrowException, OSError):  # their text carries values
        raise DamagedSegment(path) from None


def _groups(lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        rows.append(_row(line))
        size += len(line)
        if len(rows) >= ROW_GROUP or size >= ROW_GROUP_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _row(line: bytes) -> dict[str, Any]:
    try:
        head, body = envelope.split(line)
        row: dict[str, Any] = {name: _text(head.get(name)) for name in _NAMES}
        row |= {name: True if head.get(name) else None for name in _FLAGS}
        row |= {"body": body.decode(), "line": None}
        return row if _line(row) == line else row | {"line": line.decode()}
    except ValueError:  # its text may carry values
        raise Unpackable("a line that no writer of ours wrote") from None


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _line(row: dict[str, Any]) -> bytes:
    if row["line"] is not None:
        return cast(str, row["line"]).encode()
    head = {"v": envelope.VERSION} | {name: row[name] for name in _ALWAYS}
    head |= {name: row[name] for name in _SOMETIMES if row[name] is not None}
    return envelope.join(head, row["body"].encode())


class _Sink:
    """A file that is only written, whose content is taken away piece by piece."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        self._size += len(self._pieces[-1])
        return len(self._pieces[-1])

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written is still to be taken."""

    def taken(self) -> list[bytes]:
        pieces, self._pieces = self._pieces, []
        return pieces
