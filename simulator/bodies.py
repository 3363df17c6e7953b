"""Bytes of a delivery: a payload written in one of several ways, and bodies that are not one."""

from __future__ import annotations

from pathlib import Path

import orjson

from simulator.company import Event

SAMPLES = Path(__file__).resolve().parent / "samples"
COMPACT, LF, CRLF = "compact", "lf", "crlf"  # how a body is laid out; all are valid JSON
PING = b'{"test":true}'


def write(event: Event, layout: str) -> bytes:
    if layout == COMPACT:
        return orjson.dumps(event.payload)
    pretty = orjson.dumps(event.payload, option=orjson.OPT_INDENT_2)
    return pretty if layout == LF else pretty.replace(b"\n", b"\r\n")


def not_understood() -> list[bytes]:
    """Bodies that belong into quarantine, the vendor's two samples verbatim among them."""
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*.txt"))]
    meta = b'{"meta":{"resource_type":"JobResource","event_name":"JobResource_updated"}'
    return [
        *samples,
        b"",
        b"   \r\n",
        b"[]",
        b"null",
        b"uuid=invented&status=hired",
        meta + b',"data":{"title":"caf\xe9"}}',  # Latin-1: not UTF-8
        meta + b',"data":{"title":"\\ud800"}}',  # half a surrogate pair
        meta + b',"data":{"salary":NaN}}',
        meta + b',"data":{"uuid":"torn',
        meta + b',"data":[]}',
        meta + b',"data":' + b'{"a":' * 200 + b"1" + b"}" * 201,  # too deep
        b'{"data":{"uuid":"no-meta"}}',
        b'{"meta":{"resource_type":"JobResource"},"data":{}}',
    ]
