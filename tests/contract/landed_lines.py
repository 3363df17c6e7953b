"""Landed lines of every kind, and bodies that hurt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

from contract import envelope, tombstones

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_META = b'"meta":{"resource_type":"CandidateResource","event_name":"CandidateResource_updated"}'


def body(data: bytes) -> bytes:
    return b'{%b,"data":%b}' % (_META, data)


BODIES = [
    body(b'{"uuid":"c1","n":18446744073709551616,"x":1e300,"y":0.1000000000000000055,"z":-0}'),
    body(b'{"uuid":"c1","uuid":"c2","status":"new","status":{"a":1,"a":2}}'),
    b'{\r\n "meta": {"event_name": "X_y"} ,\n\t"data" : { } \r}',
    body('{"uuid":"é","first_name":"\u2028 김 😀 Ë"}'.encode()),
    body(b'{"uuid":"c3","x":"\\u00e9 \\ud83d\\ude00 \\u0000 \\/","y":"\\u0041"}'),
    body(b'{"uuid":"","status":"","email":null,"questions_form":[],"":""}'),
    body(b'{"profile":"%b"}' % (b"long " * (1 << 18))),
    body(b'{"x":"\\",\\"body\\":{","y":",\\"body\\":"}'),
    b'{"meta":{"event_name":"Offer_made"},"data":{}}   ',
]


def line(sent: bytes, number: int = 1, **head: object) -> bytes:
    return envelope.line(
        sent,
        envelope.understand(sent),
        event_id=f"0193-{number}",
        landed_at=AT,
        **head,  # type: ignore[arg-type]
    )


def ordinary() -> Iterator[bytes]:
    """What our own writers write."""
    for number, sent in enumerate(BODIES):
        yield line(sent, number)
    yield line(BODIES[0], 100, source="import", as_of=AT, webhook_id="msg_1")
    yield line(BODIES[0], 101, webhook_id="")
    for alive in (None, "ab" * 32):
        yield tombstones.stub(envelope.head(line(BODIES[0], 102)), alive)


def odd() -> Iterator[bytes]:
    """Lines that `hiring land` keeps as they came: other keys, orders, spaces, kinds of value."""
    plain = line(BODIES[1], 200)
    head, _ = envelope.split(plain)
    yield plain.replace(b'"source":"webhook"', b'"source":"webhook", "by":"hand"')
    yield plain.replace(b'{"v":1,', b'{"v":1 ,')
    yield plain.replace(b'"webhook"', b"5")
    yield plain.replace(b'"webhook"', b'"\\u0077ebhook"')
    yield plain.replace(b'"source"', b'"nl":false,"source"')
    yield envelope.join(dict(reversed(head.items())), BODIES[1])
    yield envelope.join({name: head[name] for name in ("v", "event_id", "event_name")}, b"{}")
    yield orjson.dumps({"v": 1, "event_id": "e"})[:-1] + b',"body":1}\r\n'
