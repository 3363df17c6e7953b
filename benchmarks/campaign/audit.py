"""The ledger of acknowledgements against the landing zone, bytes compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.campaign.sender import Sent
from contract import envelope
from contract.landing import Landing
from contract.settings import Settings
from receiver.quarantine import NotInQuarantine, Quarantine


@dataclass(frozen=True)
class Verdict:
    """lost: acknowledged and not there, or other bytes. wrong: what must not be there."""

    acked: int
    landed: int
    lost: int
    wrong: int

    @property
    def good(self) -> bool:
        return not self.lost and not self.wrong


def audit(home: Path, sent: Sent) -> Verdict:
    """Compare once all is sealed. A line that was sent but not answered may be there or not."""
    landing = Landing(home)
    found: dict[str, bytes] = {}
    wrong = sum(1 for slot in landing.slots() if _has_gap(landing.sequences(slot)))
    wrong += sum(1 for _ in landing.journals.glob("*.journal"))
    for entry in landing.entries({}):
        for file in entry.files:
            content = (landing.root / file.path).read_bytes()
            wrong += hashlib.sha256(content).hexdigest() != file.sha256
            lines = list(landing.lines(file.path))
            wrong += len(lines) != file.rows
            for line in lines:
                head, body = envelope.split(line)
                wrong += head["event_id"] in found or body not in sent.sent
                found[head["event_id"]] = body
    lost = sum(found.get(event_id) != body for event_id, body in sent.acked.items())
    lost += lost_from_quarantine(home, sent)
    return Verdict(len(sent.acked) + len(sent.kept), len(found), lost, wrong)


def _has_gap(sequences: list[int]) -> bool:
    return sequences != list(range(1, len(sequences) + 1))


def lost_from_quarantine(home: Path, sent: Sent) -> int:
    quarantine, lost = Quarantine(Settings(home=home)), 0
    for place, body in sent.kept.items():
        try:
            lost += quarantine.show(place)[1] != body
        except NotInQuarantine:
            lost += 1
    return lost
