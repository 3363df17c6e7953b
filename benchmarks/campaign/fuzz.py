"""Bodies that hypothesis thinks of, and mutations of them, through real HTTP."""

from __future__ import annotations

import asyncio
import json
import math
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from benchmarks.campaign.audit import Verdict
from benchmarks.campaign.sender import Sent, post
from benchmarks.campaign.serving import Serving
from contract import envelope
from contract.landing import Landing
from contract.settings import Settings
from receiver.quarantine import Quarantine

_BODIES = 2000
_MUTATIONS = 19
_CONNECTIONS = 16
_TOKENS = (
    b"NaN", b"-0", b"1e400", b"18446744073709551617", b"\\ud800", b"\\u0000", b"\xff", b"\xc0\x80",
    b"\xed\xa0\x80", b"\r\n", b"\n", b"\0", b"\\", b'"', b"{", b"}", b"[" * 101, b"]" * 101, b",",
    b'"meta":null', b'"data":{}', b"\xef\xbb\xbf", b"/**/", b"\x7f", b"\xe2\x80\xa8",
)  # fmt: skip

_text = st.text(max_size=20)
_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=12,
)
_meta = st.fixed_dictionaries(
    {}, optional={"event_name": _text | _values, "resource_type": _text | st.none()}
)
deliveries = st.fixed_dictionaries(
    {},
    optional={
        "meta": _meta | _values,
        "data": st.dictionaries(_text, _values, max_size=4) | _values,
    },
)
_named = st.fixed_dictionaries({"event_name": st.text(min_size=1, max_size=20)})
whole = st.fixed_dictionaries(
    {"meta": _named, "data": st.dictionaries(_text, _values, max_size=4)},
    optional={"more": _values},
)
bodies = (
    whole.map(json.dumps)
    | whole.map(lambda value: json.dumps(value, indent=1, ensure_ascii=False))
    | deliveries.map(json.dumps)
    | deliveries.map(lambda value: json.dumps(value, indent=2, ensure_ascii=False))
    | _values.map(json.dumps)
).map(lambda text: text.encode(errors="surrogatepass")) | st.binary(max_size=80)


def fuzz(folder: Path, seeds: range) -> Iterator[Verdict]:
    """40,000 bodies a seed: 2,000 examples of hypothesis and 19 mutations of each."""
    for seed in seeds:
        home = folder / f"home-{seed}"
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        limits = {"quarantine_bytes": str(4 << 30), "max_body_bytes": "65536"}
        with Serving(home, workers=1, **limits) as serving:
            sent, odd = asyncio.run(_send(serving, _think(seed, _BODIES)))
            stopped = serving.stop()
        verdict = check(home, sent)
        yield Verdict(verdict.acked, verdict.landed, verdict.lost, verdict.wrong + odd + stopped)
        shutil.rmtree(home)


def _think(seed: int, count: int) -> list[bytes]:
    """Examples of hypothesis and their mutations."""
    thought: list[bytes] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(bodies)
    def collect(body: bytes) -> None:
        thought.append(body)

    collect()
    chance = random.Random(seed)  # noqa: S311  repeatable, not a secret
    return [
        form
        for body in thought
        for form in (body, *(mutated(body, chance) for _ in range(_MUTATIONS)))
    ]


def mutated(body: bytes, chance: random.Random) -> bytes:
    """None to three small damages."""
    for _ in range(chance.randint(0, 3)):
        place = chance.randint(0, len(body))
        match chance.randrange(4):
            case 0:
                body = body[:place]
            case 1:
                body = body[:place] + chance.choice(_TOKENS) + body[place:]
            case 2:
                body = body[:place] + chance.randbytes(1) + body[place + 1 :]
            case _:
                body = body[place:] + body[:place]
    return body


async def _send(serving: Serving, every: list[bytes]) -> tuple[Sent, int]:
    """What was acknowledged, and how many answers were neither 200."""
    sent, odd = Sent(), 0
    queue = iter(every)

    async def connection() -> None:
        nonlocal odd
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
        for body in queue:
            status, answer = await post(reader, writer, serving.path, body)
            told = json.loads(answer)
            if status != 200:
                odd += 1
            elif told["status"] == "landed":
                sent.acked[told["event_id"]] = body
            elif told["status"] == "quarantined":
                sent.kept[told["id"]] = body
            else:
                odd += json.loads(body) != {"test": True}
        writer.close()

    await asyncio.gather(*(connection() for _ in range(_CONNECTIONS)))
    return sent, odd


def check(home: Path, sent: Sent) -> Verdict:
    """Landed: the same bytes but for newlines, and JSON to Python's own reader of the same value.

    Quarantined: the same bytes, and not what Python's own strict reader takes for a delivery.
    """
    landing, wrong, found = Landing(home), 0, 0
    for entry in landing.entries({}):
        for file in entry.files:
            for line in landing.lines(file.path):
                head, body = envelope.split(line)
                was = sent.acked.pop(head["event_id"])
                found += 1
                wrong += body != was.replace(b"\r", b" ").replace(b"\n", b" ")
                wrong += not is_delivery(was) or json.loads(body) != json.loads(was)
    kept = len(sent.kept)
    for item in Quarantine(Settings(home=home)).list():
        body = sent.kept.pop(item.id)
        wrong += Quarantine(Settings(home=home)).show(item.id)[1] != body
        wrong += item.reason != "too_deep" and is_delivery(body)
    return Verdict(found + kept, found, len(sent.acked) + len(sent.kept), wrong)


def is_delivery(body: bytes) -> bool:
    """Python's json as a second opinion: strict UTF-8, no NaN, no lone surrogate, an object.

    A number beyond a double (1e400) is no delivery either: no table could hold it.
    """
    try:
        value = json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
        meta = value["meta"]
        named = isinstance(meta["event_name"], str) and bool(meta["event_name"])
        return isinstance(meta, dict) and named and isinstance(value["data"], dict)
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)
