"""Which applications a report is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Filters:
    """Every condition that is given must hold.

    since, until: first and last day of application, in the time zone of the report.
    job: job_uuid. sector: sector_name of the job. source: source_name. country: of the job, as
    name or two-letter code. Letter case does not count.
    """

    since: date | None = None
    until: date | None = None
    job: str | None = None
    sector: str | None = None
    source: str | None = None
    country: str | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"the period ends ({self.until}) before it begins ({self.since})")

    def parameters(self) -> dict[str, str]:
        """As notebook parameters: text only."""
        return {key: str(value) for key, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, parameters: dict[str, Any]) -> Filters:
        """The reverse of parameters(). Raises ValueError on an unknown name or a wrong date."""
        unknown = set(parameters) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"no such filter: {', '.join(sorted(unknown))}")
        given = {key: value for key, value in parameters.items() if value not in (None, "")}
        for key in ("since", "until"):
            if isinstance(given.get(key), str):
                given[key] = date.fromisoformat(given[key])
        return cls(**given)

    def words(self) -> list[str]:
        """The conditions, as a reader is told them."""
        said = [f"applied from {self.since}"] if self.since else []
        said += [f"applied until {self.until}"] if self.until else []
        for kind in ("job", "sector", "source", "country"):
            value = getattr(self, kind)
            said += [f"{kind}: {value}"] if value else []
        return said
