"""What other stages note under state/, read as files: the last run, the worker, the receiver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from operations.zone import modified


def read(path: Path) -> dict[str, Any]:
    """A file of one JSON object; empty when it is not there or cannot be read."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Run:
    """The last good run, from state/last_run.json. seconds: by step.

    watermark: slot -> last seq that was loaded, when the run noted it. is_settled: nothing was
    published since, so that the note and the published file speak of the same run.
    """

    started_at: datetime
    finished_at: datetime
    events: int
    seconds: Mapping[str, float]
    rows: Mapping[str, int]
    damaged: tuple[str, ...]
    watermark: Mapping[str, int] | None
    is_settled: bool = True

    @classmethod
    def read(cls, state: Path, published: Path) -> Run | None:
        """None when no run ended well yet."""
        path = state / "last_run.json"
        noted = read(path)
        try:
            started = datetime.fromisoformat(noted["started_at"])
            took = timedelta(seconds=sum(noted.get("seconds", {}).values()))
            return cls(
                started,
                _time(noted.get("finished_at")) or started + took,
                int(noted.get("events", 0)),
                noted.get("seconds", {}),
                noted.get("rows", {}),
                tuple(noted.get("damaged", ())),
                noted.get("watermark"),
                modified(path) >= modified(published),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Reception:
    """What the receiver's workers counted, summed: state/receiver/<slot>.json.

    tokens: label -> last use. Counts are written once a second: after a kill the last second
    may be missing here, never in the landing zone.
    """

    landed: int = 0
    quarantined: int = 0
    pings: int = 0
    unanswered: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    last_event_at: datetime | None = None
    tokens: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Deliveries that were answered 200."""
        return self.landed + self.quarantined + self.pings

    @classmethod
    def read(cls, state: Path) -> Reception:
        every = [read(path) for path in sorted((state / "receiver").glob("*.json"))]
        refused: Counter[str] = Counter()
        used: dict[str, float] = {}
        for one in every:
            refused.update(one.get("refused", {}))
            for label, at in one.get("used", {}).items():
                used[label] = max(at, used.get(label, 0.0))
        last = max((float(one.get("last_event", 0.0)) for one in every), default=0.0)
        return cls(
            sum(sum(one.get("landed", {}).values()) for one in every),
            sum(sum(one.get("quarantined", {}).values()) for one in every),
            sum(int(one.get("pings", 0)) for one in every),
            sum(int(one.get("unanswered", 0)) for one in every),
            dict(refused),
            _moment(last) if last else None,
            {label: _moment(at) for label, at in sorted(used.items())},
        )

    @property
    def lost(self) -> int:
        """Authenticated deliveries that were refused for good: too big, or encoded."""
        return self.refused.get("too_big", 0) + self.refused.get("encoding", 0)


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
