"""Frames of a chunk of lines: what they are depends on the chunk alone."""

from __future__ import annotations

from contract import envelope
from receiver import frames
from receiver.chunk import Chunk, Framed, framed, landable, numbered
from receiver.identity import of_import
from receiver.places import Places
from tests.receiver.conftest import payload

NOON = 1_790_000_000_000_000
LINES = b"".join(payload(number) + b"\n" for number in range(5))


def made(lines: bytes, as_of: str | None = None) -> Framed:
    return framed(Chunk(lines, NOON, as_of, 10_000))


def heads(data: bytes) -> list[dict[str, object]]:
    lines = [raw[frames.HEAD :] for raw in data.splitlines(keepends=True)]
    assert b"".join(map(frames.frame, lines)) == data
    return [envelope.head(line) for line in lines]


def test_a_chunk_gives_whole_frames_in_order_with_the_times_set_aside_for_it() -> None:
    done = made(LINES)
    times = [head["landed_at"] for head in heads(done.data)]
    assert times == [f"2026-09-21T14:13:20.{number:06}Z" for number in range(5)]
    assert done.rows == 5
    assert landable(LINES) == landable(LINES[:-1]) == 5


def test_places_are_where_the_lines_stand() -> None:
    ours = b"".join(made(payload(9) + b"\n").data[frames.HEAD :] for _ in range(2))
    done = made(LINES + ours + b"no\n" + payload(7, "JobResource_created"))
    found = {
        key: [done.data[o : o + n] for o, n in zip(at.offsets, at.lengths, strict=True)]
        for key, at in done.places.lines.items()
    }
    assert [name for name, _ in found] == ["CandidateResource_updated", "JobResource_created"]
    lines = [line for some in found.values() for line in some]
    assert b"".join(frames.frame(line) for line in lines) == done.data
    assert done.places.size == len(done.data)


def test_places_of_chunks_follow_one_another() -> None:
    first, second = made(LINES), made(payload(1) + b"\n" + LINES)
    together = Places()
    together.follow(first.places)
    together.follow(second.places)
    assert together.lines == made(LINES + payload(1) + b"\n" + LINES).places.lines
    assert together.size == len(first.data) + len(second.data)


def test_a_body_that_came_before_is_numbered_and_nothing_else_changes() -> None:
    for as_of in (None, "2025-01-02T00:00:00.000000Z"):
        done = made(LINES, as_of)
        offset = list(done.bodies)[3]
        before, after = heads(done.data), heads(numbered(done, {offset: 2}, as_of))
        assert [n for n in range(5) if before[n] != after[n]] == [3]
        digest = str(before[3]["body_sha256"])
        assert before[3] == after[3] | {"event_id": of_import(digest, as_of, 0)}
        assert after[3]["event_id"] == of_import(digest, as_of, 2)


def test_lines_that_cannot_be_landed_take_no_landing_times_ahead_of_the_clock() -> None:
    assert landable(b"\n" * 500_000) < 15_000
    assert landable(b'{"meta":{"event_name":"_"},"data":{}}\n' * 100) == 100
