"""A simulated company, taken through the real product, so that every table is as it comes out.

Landed lines carry a time of their own: all tables are the same whenever the test runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from contract import envelope
from contract.events import CandidateResource, Question
from contract.raw import payload_columns
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.schedule import Schedule, landable
from stages import run_sync

END = datetime(2026, 6, 30, 9, 30, tzinfo=UTC)
SEED = 5


def bodies(candidates: int) -> list[bytes]:
    """What the company's year delivers."""
    company = make_company(candidates=candidates, seed=SEED, end=END)
    return [delivery.body for delivery in landable(Schedule(company, SEED))]


def publish(home: Path, delivered: list[bytes]) -> Path:
    """Land and sync them in a home: hiring.duckdb."""
    lines = home / "year.jsonl"
    lines.write_bytes(b"".join(_landed(delivered)))
    settings = Settings(home=home)
    land(settings, [lines])
    run_sync(settings, lambda _: None)
    return settings.published


def _landed(delivered: list[bytes]) -> Iterator[bytes]:
    for number, body in enumerate(delivered):
        yield envelope.line(
            body,
            envelope.understand(body),
            event_id=str(UUID(int=(7 << 76) | (2 << 62) | number)),
            landed_at=END + timedelta(microseconds=number),
        )


def personal_values(delivered: list[bytes]) -> set[str]:
    """Each value of a field that the contract calls personal, and the ids of the candidates.

    Left out are names of sources, which are published when several share them, answers that are
    one of the question's options, and words that are no one's own (the file name cv.pdf).
    """
    found: set[str] = set()
    for body in delivered:
        payload = orjson.loads(body)
        if payload["meta"]["event_name"].startswith("CandidateResource_"):
            found |= set(_of_candidate(payload["data"]))
    return {value for value in found if len(value) > 1} - {"cv.pdf"}


def _of_candidate(data: dict[str, Any]) -> Iterator[str]:
    yield str(data.get("uuid") or "")
    for column in payload_columns(CandidateResource):
        value: Any = data
        for part in column.path:
            value = value.get(part) if isinstance(value, dict) else None
        if column.personal and column.name != "source_name" and value:
            yield str(value).split("?")[0] if column.kind == "link" else str(value)
    questions = data.get("questions_form") or []
    for asked in questions if isinstance(questions, list) else [questions]:
        question = Question.model_validate(asked)
        options = _items(question.options)
        yield from (item for item in _items(question.answer) if item not in options)


def _items(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [line for line in str(value or "").splitlines() if line]
