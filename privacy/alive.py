"""Who was erased here and still sends: Occupop has newer states of them."""

from __future__ import annotations

from collections import Counter

from contract import envelope
from contract.landing import Landing
from contract.tombstones import ALIVE
from privacy.traces import landed

_SIGN = f'"{ALIVE}":"'.encode()


def alive(landing: Landing) -> dict[str, int]:
    """Hash of the candidate id (see state/erasures/) -> states newer than the erasure."""
    found: Counter[str] = Counter()
    for _, line in landed(landing):
        head, _, _ = line.partition(b',"body":')
        if _SIGN in head:
            found[envelope.head(line)[ALIVE]] += 1
    return dict(sorted(found.items()))
