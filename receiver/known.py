"""The head of a delivery that was admitted, by which the next one on its connection is known.

What a sender posts on a kept connection differs in its content-length alone, unless it is signed.
What the parser and the door would say of such a head, they have said.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)(?=\r\n)", re.IGNORECASE)
_END = b"\r\n\r\n"
_MOST_DIGITS = 9


class Known(NamedTuple):
    """before, after: the head around the digits of its content-length.

    label: of the token in it. most: bytes of a body that may come with it.
    """

    before: bytes
    after: bytes
    label: str
    headers: dict[bytes, bytes]
    most: int

    def read(self, data: bytes) -> tuple[dict[bytes, bytes], bytes] | None:
        """Headers and body, where `data` is this head with some length and all of the body."""
        start = len(self.before)
        end = data.find(b"\r", start, start + _MOST_DIGITS + 1)
        length = data[start:end]
        if not length.isdigit() or not data.startswith(self.before):
            return None
        size, body = int(length), end + len(self.after)
        if size > self.most or len(data) != body + size or not data.startswith(self.after, end):
            return None
        return {**self.headers, b"content-length": length}, data[body:]


def remember(data: bytes, label: str, headers: dict[bytes, bytes], most: int) -> Known | None:
    """What is known of `data`, if it is one request and a whole one."""
    head, end, body = data.partition(_END)
    head += end
    lengths = list(_LENGTH.finditer(head))
    if len(lengths) != 1 or b"transfer-encoding" in headers:
        return None
    length = lengths[0]
    if headers.get(b"content-length") != length[1] or int(length[1]) != len(body):
        return None
    return Known(head[: length.start(1)], head[length.end(1) :], label, headers, most)
