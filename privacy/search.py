"""Finds any of many values in text, whatever their case and however they are escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from urllib.parse import unquote_plus

import ahocorasick

_JSON_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])')
_JSON = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_READINGS = 12  # of one text: escapes within escapes come to an end


class Kind(StrEnum):
    CANDIDATE = "candidate"
    EMAIL = "email"
    LINK = "link"
    TEXT = "text"


@dataclass(frozen=True, order=True)
class Value:
    """Something that must not be found, case-folded."""

    kind: Kind
    text: str

    @classmethod
    def of(cls, kind: Kind, text: str) -> Value:
        return cls(kind, text.strip().casefold())


class Search:
    """One pass over a text, however many the values are (Aho and Corasick, 1975)."""

    def __init__(self, values: Iterable[Value]) -> None:
        self.values = sorted(set(values))
        self._automaton = ahocorasick.Automaton()
        words: dict[str, list[Value]] = {}
        for value in self.values:
            words.setdefault(value.text, []).append(value)
        for text, values_of_it in words.items():
            self._automaton.add_word(text, values_of_it)
        if self.values:
            self._automaton.make_automaton()

    def found(self, text: str) -> set[Value]:
        """The values that stand in a text in any reading."""
        if not self.values:
            return set()
        return {value for reading in readings(text) for value in self._in(reading)}

    def found_plain(self, text: str) -> set[Value]:
        """The values that stand in a text as it is, but for case."""
        return set(self._in(text.casefold())) if self.values else set()

    def found_bytes(self, data: bytes) -> set[Value]:
        """The same in bytes of whatever encoding."""
        return {value for text in decoded(data) for value in self.found(text)}

    def _in(self, text: str) -> Iterator[Value]:
        for end, values in self._automaton.iter(text):
            for value in values:
                if _stands_alone(text, end - len(value.text) + 1, end + 1, value.kind):
                    yield value


def _stands_alone(text: str, start: int, end: int, kind: Kind) -> bool:
    """ann@example.com does not stand in joann@example.com, nor in ann@example.com.au."""
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if kind is Kind.CANDIDATE:
        return not _is_word(before, "") and not _is_word(after[:1], "")
    if kind is Kind.EMAIL:
        longer = after[:1] == "." and _is_word(after[1:], "")
        return not (_is_word(before, ".+-") or _is_word(after[:1], "-") or longer)
    return True


def _is_word(character: str, more: str) -> bool:
    return bool(character) and (character.isalnum() or character == "_" or character in more)


def readings(text: str) -> Iterator[str]:
    """The text and what it says unescaped (JSON, percent, HTML), all case-folded."""
    seen: set[str] = set()
    waiting = [text]
    while waiting and len(seen) < _READINGS:
        reading = waiting.pop()
        if reading not in seen:
            seen.add(reading)
            yield reading.casefold()
            waiting += [decode(reading) for sign, decode in _DECODERS if sign in reading]


def decoded(data: bytes) -> Iterator[str]:
    """Bytes as text: UTF-8, and UTF-16 where there are zero bytes."""
    yield data.decode("utf-8", "replace")
    if b"\0" in data:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield data.decode(encoding, "replace")
            yield data[1:].decode(encoding, "replace")


def _unescape_json(text: str) -> str:
    plain = _JSON_ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _JSON.get(code, code)


_DECODERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("\\", _unescape_json),
    ("%", unquote_plus),
    ("&", unescape),
)
