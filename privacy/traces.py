"""What the landing zone holds of some people, and which values only they have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import envelope
from contract.events import CANDIDATE_EVENTS
from contract.identities import Pairs, identities, members, normalised, strings
from contract.landing import Landing
from privacy.people import People
from privacy.search import Kind, Search, Value

MAX_SHARED = 5  # candidates; an address of more is a mailbox of many, and is not followed
_SHORTEST_TEXT = 16  # characters; shorter ones many people write
# Of a candidate, what the job or the vendor says, and not the person.
_NOT_OWN = {
    *("meta", "job_uuid", "status", "source_type", "source_name", "location"),
    *("hiring_flow_step", "created_at", "updated_at", "received_at", "hired_at", "starts_at"),
    *("uuid", "email", "questions_form"),  # looked for as what they are
}
_NOT_OWN_QUESTION = {"type", "text", "options"}


@dataclass
class Traces:
    """candidates, emails: who is erased. values: what must not be found afterwards.

    lines: landed lines of theirs. shared: values that others have, too, and that are not looked
    for. mentions: lines of others that name them. followed: candidates that came by an address.
    found: place in the landing zone -> lines of theirs with a value.
    """

    candidates: set[str]
    emails: set[str]
    values: set[Value] = field(default_factory=set)
    lines: int = 0
    shared: int = 0
    mentions: int = 0
    followed: int = 0
    found: Counter[str] = field(default_factory=Counter)


def landed(landing: Landing) -> Iterator[tuple[str, bytes]]:
    """(segment, line) of all that is sealed.

    Raises contract.landing.DamagedManifest, contract.segment.DamagedSegment.
    """
    for slot in landing.slots():
        for entry in landing.all_entries(slot):
            for file in entry.files:
                if (landing.root / file.path).exists():
                    yield from ((file.path, line) for line in landing.lines(file.path))


def bodies(landing: Landing) -> Iterator[tuple[str, bytes]]:
    """(event name, body) of all sealed lines that can be read."""
    return (read for _, line in landed(landing) if (read := _read(line)))


def _read(line: bytes) -> tuple[str, bytes] | None:
    try:
        head, body = envelope.split(line)
    except ValueError:
        return None
    return head["event_name"], body


def trace(landing: Landing, people: People) -> Traces:
    """Follow the people through the landing zone. Reads it three times, changes nothing."""
    traces = _who(landing, people)
    for name, body in bodies(landing):
        if _is_theirs(traces, name, body):
            traces.lines += 1
            traces.values |= set(_own(members(body)))
    traces.values |= {Value.of(Kind.CANDIDATE, c) for c in traces.candidates}
    traces.values |= {Value.of(Kind.EMAIL, e) for e in traces.emails}
    _find(landing, traces)
    return traces


def _who(landing: Landing, people: People) -> Traces:
    owners: dict[str, set[str]] = defaultdict(set)
    for name, body in bodies(landing):
        if name in CANDIDATE_EVENTS:
            uuids, addresses, _ = identities(name, body)
            for email in addresses:
                owners[normalised(email)].update(uuid.lower() for uuid in uuids)
    named, emails = set(people.candidates), set(people.emails)
    if people.is_whole:
        emails |= {e for e, c in owners.items() if c & named and len(c - named) <= MAX_SHARED}
    found = named.union(*(owners[email] for email in emails))
    return Traces(found, emails, followed=len(found - named))


def _is_theirs(traces: Traces, name: str, body: bytes) -> bool:
    uuids, emails, _ = identities(name, body)
    if any(uuid.lower() in traces.candidates for uuid in uuids):
        return True
    return any(normalised(email) in traces.emails for email in emails)


def _own(payload: Pairs) -> Iterator[Value]:
    """What the person gave: addresses, the CV link, and text, of unknown fields, too."""
    for data in payload.every("data"):
        members = data if isinstance(data, Pairs) else ()
        own = [part for name, part in members if name not in _NOT_OWN]
        own += [_answers(part) for name, part in members if name == "questions_form"]
        for text in strings([part for name, part in members if name == "email"]):
            if text.strip():
                yield Value.of(Kind.EMAIL, text)
        for text in strings(own):
            if "://" in text:
                yield Value.of(Kind.LINK, text.partition("?")[0])
            elif len(text.strip()) >= _SHORTEST_TEXT:
                yield Value.of(Kind.TEXT, text)


def _answers(form: Any) -> Any:
    if isinstance(form, list):
        return [_answers(question) for question in form]
    if isinstance(form, Pairs):
        return [part for name, part in form if name not in _NOT_OWN_QUESTION]
    return form


def _find(landing: Landing, traces: Traces) -> None:
    """Count the lines with a value. What others have, too, stays with them, and where they name
    the erased, it is counted.
    """
    search = Search(traces.values)
    named = {Value.of(Kind.CANDIDATE, c) for c in traces.candidates}
    named |= {Value.of(Kind.EMAIL, e) for e in traces.emails}
    shared: set[Value] = set()
    for path, line in landed(landing):
        found = search.found(line.decode("utf-8", "replace"))
        if found <= shared:  # nothing, or nothing new
            continue
        read = _read(line)
        if read and _is_theirs(traces, *read):
            traces.found[f"landing/{path.partition('/')[0]}"] += 1
        else:
            traces.mentions += bool(found & named)
            shared |= found - named
    traces.values -= shared
    traces.shared = len(shared)
