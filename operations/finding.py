"""What a check of `hiring doctor` found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """check: what was looked at. what: what was seen. mend: the command that mends it; on a
    finding that is ok it is advice. Holds no secret and no personal data."""

    check: str
    ok: bool
    what: str
    mend: str = ""

    def lines(self) -> list[str]:
        sign = "ok" if self.ok else "!!"
        text = f"{sign}  {self.check:<12} {self.what}"
        return [text, f"    {'':<12} → {self.mend}"] if self.mend else [text]
