"""The mirror: a copy of the landing zone that stands in an object store.

    mirror/landing/…                         as in landing.py
    mirror/unpushed/<slot>/<seq>.json        an entry that was rewritten here and not yet there:
                                             what goes from the store once the new entry stands

Receivers ship what they seal to the store, and whoever reads fetches it from there first, so that
one host or many make no difference. Merging and erasing rewrite the mirror; what they rewrite is
noted before it is done, and pushed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson

from contract import durable
from contract.landing import Entry, Landing

FOLDER = "mirror"


class Mirror(Landing):
    """The landing zone under HIRING_HOME/mirror. Removed, it is fetched again."""

    def commit(self, entry: Entry) -> None:
        """As of any landing zone; and the store is told by the next push."""
        if not self.unpushed(entry.slot, entry.seq).exists():
            self.note_unpushed(entry.slot, entry.seq, ())
        super().commit(entry)

    def take(self, entry: Entry) -> None:
        """Commit an entry as it stands in the store."""
        super().commit(entry)

    def unpushed(self, slot: str, seq: int) -> Path:
        return self.home / "unpushed" / slot / f"{seq:09d}.json"

    def note_unpushed(self, slot: str, seq: int, gone: Iterable[str]) -> None:
        """gone: paths that leave the store once this entry stands there."""
        durable.write(self.unpushed(slot, seq), [orjson.dumps(sorted(gone))])

    def all_unpushed(self) -> list[tuple[str, int, set[str]]]:
        """(slot, seq, gone), the highest seq of a slot first: it may cover the others."""
        found = [
            (path.parent.name, int(path.stem), set(orjson.loads(path.read_bytes())))
            for path in (self.home / "unpushed").glob("*/*.json")
        ]
        return sorted(found, key=lambda one: (one[0], -one[1]))
