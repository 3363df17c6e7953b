"""One connection that posts bodies and says what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult

import orjson

TIMEOUT = 30.0  # seconds
HEADERS = {"Content-Type": "application/json", "User-Agent": "occupop-simulator"}


@dataclass(frozen=True)
class Answer:
    """word: `status` of the JSON answer. retry_after: seconds, when the receiver said so."""

    status: int
    word: str
    retry_after: float | None = None


class Sender:
    """A kept-alive connection; opened again after any failure."""

    def __init__(self, url: SplitResult) -> None:
        self.url = url
        self.connection: HTTPConnection | None = None

    def post(self, path: str, body: bytes) -> Answer | None:
        """The answer; None when there was none."""
        if self.connection is None:
            self.connection = self._connect()
        try:
            self.connection.request("POST", path, body, HEADERS)
            response = self.connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            self.close()
            return None
        after = response.headers.get("Retry-After", "")
        return Answer(response.status, _word(content), float(after) if after.isdigit() else None)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self.url.scheme == "https" else HTTPConnection
        return kind(self.url.hostname or "", self.url.port, timeout=TIMEOUT)


def _word(content: bytes) -> str:
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError:
        return "unreadable"
    word = said.get("status") if isinstance(said, dict) else None
    return word if isinstance(word, str) else "unreadable"
