"""`hiring forget`: the tombstone first, then every trace, then the proof.

Order, each step repeatable, so that a killed erasure is finished by the next call:
intent -> what is kept of nobody -> tombstone -> journals sealed -> landing rewritten ->
object store -> quarantine -> dlt's folder, warehouse, reports -> mark -> a sync (rebuilds,
publishes) -> proof -> report -> intent gone.
From the tombstone on no writer seals these people's events any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

from contract import anonymous, lock, tombstones
from contract.identities import identities
from contract.outbox import LOCK
from contract.settings import Settings
from contract.tombstones import Key, Tombstone, Tombstones
from privacy import lakes, made, waiting
from privacy.alive import alive
from privacy.erasure import Erasure
from privacy.intent import Intent
from privacy.kept import kept
from privacy.look import look
from privacy.people import People
from privacy.proof import NOT_SEARCHED, prove
from privacy.rewrite import Rewritten, rewrite
from privacy.search import Search
from privacy.traces import Traces, bodies, trace

Progress = Callable[[str], None]


class Item(Protocol):
    @property
    def id(self) -> str: ...


class Bodies(Protocol):
    """The quarantine, as the receiver has it."""

    def list(self) -> Iterator[Item]: ...
    def show(self, id: str, /) -> tuple[Item, bytes]: ...  # noqa: A002  the receiver's word
    def remove(self, id: str, /) -> None: ...  # noqa: A002


@dataclass(frozen=True)
class Hands:
    """What the stages do for an erasure; the command line hands it in.

    seal: seals what writers that died left behind. quarantine: bodies that were not understood.
    refresh: a sync, which rebuilds the warehouse that was removed, and publishes. Where the landing
    zone stands in an object store, gather: ships and fetches; erase: brings the store up to what
    was rewritten, and leaves no former revision; audit: how the store differs from it then.
    """

    seal: Callable[[], object]
    quarantine: Bodies
    refresh: Callable[[], object]
    gather: Callable[[], object] = lambda: None
    erase: Callable[[], object] = lambda: None
    audit: Callable[[], Mapping[str, int] | None] = lambda: None


def forget(
    settings: Settings,
    people: People,
    hands: Hands,
    *,
    dry_run: bool = False,
    wait: bool = True,
    progress: Progress = lambda _: None,
) -> Erasure:
    """Erase people. `is_proven` of what is returned says whether nothing is left.

    An erasure that an earlier process did not finish is finished first. wait: until another run
    has let the lock go. Raises lock.LockHeld, WriterBusy, proof.ControlFailed,
    contract.landing.DamagedManifest, OSError, look.NotReadable, and what the hands raise.
    """
    with waiting.lock_of_runs(settings, wait, progress):
        hands.gather()
        if dry_run:
            return _would(settings, people, progress)
        _finish_pending(settings, hands, progress)
        if settings.keep_anonymous and not tombstones.unapplied(settings.home):
            progress("bringing the tables up to date")
            hands.refresh()
        progress("looking for them")
        traces = trace(settings.zone, people)
        intent = _intend(settings, traces)
        return _carry_out(settings, intent, hands, progress)


def reapply(
    settings: Settings,
    hands: Hands,
    *,
    wait: bool = True,
    progress: Progress = lambda _: None,
) -> Erasure | None:
    """Finish what a killed erasure left, and erase anew from a home out of a backup.

    None when there is nothing to do. Raises as `forget`.
    """
    with waiting.lock_of_runs(settings, wait, progress):
        done = _finish_pending(settings, hands, progress)
        left = tombstones.unapplied(settings.home)
        if not left:
            return done
        hands.gather()
        erased, gone = Tombstones.of(settings.home), set()
        for name, body in bodies(settings.zone):
            uuids, _, at = identities(name, body)
            gone |= {uuid for uuid in uuids if erased.covers(uuid, None, at)}
        people = People(frozenset(uuid.lower() for uuid in gone), frozenset(), is_whole=False)
        intent = _intend(settings, trace(settings.zone, people), is_new=False)
        return _carry_out(settings, intent, hands, progress)


def is_pending(settings: Settings) -> bool:
    """Whether `reapply` has something to do."""
    return Intent.pending(settings.home) is not None or bool(tombstones.unapplied(settings.home))


def _finish_pending(settings: Settings, hands: Hands, progress: Progress) -> Erasure | None:
    intent = Intent.pending(settings.home)
    if intent is None:
        return None
    progress("finishing an earlier erasure")
    return _carry_out(settings, intent, hands, progress)


def _would(settings: Settings, people: People, progress: Progress) -> Erasure:
    progress("looking for them")
    traces = trace(settings.zone, people)
    return Erasure(
        None,
        None,
        (),
        len(traces.candidates),
        _found(settings, traces),
        traces.followed,
        traces.shared,
        traces.mentions,
        traces.lines,
    )


def _found(settings: Settings, traces: Traces) -> dict[str, int]:
    """place -> rows, lines, bodies with a value. The landing zone was read by the trace."""
    search, left_out = Search(traces.values), [*NOT_SEARCHED, "landing", "mirror"]
    seen = look(settings.home, search, left_out) | lakes.look(settings, search)
    return dict(sorted({**seen.places(), **traces.found}.items()))


def _intend(settings: Settings, traces: Traces, *, is_new: bool = True) -> Intent:
    key = Key.of(settings.home)
    stone = Tombstone(
        str(uuid4()),
        tombstones.now(),
        tuple(sorted(map(key.candidate, traces.candidates))),
        tuple(sorted(map(key.email, traces.emails))),
    )
    intent = Intent(
        stone if is_new else None,
        tuple(sorted(traces.values)),
        tuple(sorted(map(key.candidate, traces.candidates))),
        _found(settings, traces),
        traces.shared,
        traces.mentions,
        traces.followed,
        kept(settings, traces.candidates) if is_new else (),
    )
    intent.write(settings.home)
    return intent


def _carry_out(settings: Settings, intent: Intent, hands: Hands, progress: Progress) -> Erasure:
    begun, home, search = time.time(), settings.home, Search(intent.values)
    if intent.kept:
        anonymous.write(home, intent.kept_id, intent.kept)
    if intent.tombstone:
        tombstones.write(home, intent.tombstone)
    waiting.for_writers(settings.outbox, hands.seal, progress)
    hands.gather()
    progress("rewriting the landing zone")
    ids = tombstones.unapplied(home)
    rewritten = _rewrite(settings)
    hands.erase()
    quarantined = _empty_quarantine(hands.quarantine, search)
    reports = made.remove(settings)
    lakes.remove(settings)
    tombstones.mark_applied(home, ids)
    progress("rebuilding the warehouse")
    hands.refresh()
    lakes.remove_history(settings)
    progress("proving that nothing is left")
    proof = replace(prove(settings, search), store=hands.audit())
    stone = intent.tombstone
    done = Erasure(
        stone.id if stone else None,
        stone.erased_at if stone else tombstones.now(),
        intent.candidates,
        len(intent.candidates),
        intent.found,
        intent.followed,
        intent.shared,
        intent.mentions,
        **_counts(rewritten),
        quarantined=quarantined,
        reports=reports,
        rewritten=made.made_since(settings, begun),
        alive=alive(settings.zone),
        seconds=round(time.time() - begun, 3),
        proof=proof,
    )
    done.write(home)
    Intent.done(home)
    return done


def _rewrite(settings: Settings) -> Rewritten:
    """What is read; and what was sealed here before the tombstone and is not shipped, with the
    leftovers of seals that died."""
    erased = Tombstones.of(settings.home)
    if settings.zone != settings.outbox:
        with lock.waited(settings.state / LOCK, "hiring forget"):
            rewrite(settings.outbox, erased)
    return rewrite(settings.zone, erased)


def _counts(rewritten: Rewritten) -> dict[str, int]:
    return {"lines": rewritten.lines, "segments": rewritten.segments}


def _empty_quarantine(quarantine: Bodies, search: Search) -> int:
    """Remove the bodies that hold a value: they are of no event that anyone understands."""
    removed = 0
    for item in list(quarantine.list()):
        with suppress(LookupError):  # it is removed by its age meanwhile
            if search.found_bytes(quarantine.show(item.id)[1]):
                quarantine.remove(item.id)
                removed += 1
    return removed
