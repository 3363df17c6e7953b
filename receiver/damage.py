"""What recovery does with damage inside a journal: to the quarantine, once."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from receiver.identity import derived
from receiver.quarantine import Quarantine, QuarantineFull
from receiver.seal import Damage, Keep

REASON = "damaged_journal"


def keeper(quarantine: Quarantine) -> Keep:
    """A place for damaged bytes. A full quarantine must not stop the good lines beside them."""

    def keep(damage: Damage) -> None:
        place = derived(REASON, damage.slot, str(damage.seq), str(damage.offset))
        with suppress(QuarantineFull):
            quarantine.put(damage.data, REASON, id=place, received_at=datetime.now(UTC))

    return keep
