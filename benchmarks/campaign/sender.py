"""A sender that remembers what it was told: bodies sent, and event ids acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

_NAMES = (
    "CandidateResource_created",
    "CandidateResource_updated",
    "CandidateResource_status_updated",
    "JobResource_created",
    "JobResource_updated",
    "Something_new",
)


@dataclass
class Sent:
    """`acked`: event id -> body. `sent`: every body that left, answered or not."""

    acked: dict[str, bytes] = field(default_factory=dict)
    sent: set[bytes] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    kept: dict[str, bytes] = field(default_factory=dict)


class Sender:
    """Sends over `connections` keep-alive connections until `stop`, reconnecting as needed.

    rate: deliveries a second at most; None: all out. name: tells bodies of two senders apart.
    """

    def __init__(
        self,
        port: int,
        path: str,
        seed: int,
        connections: int = 16,
        *,
        rate: float | None = None,
        name: str = "uuid",
    ) -> None:
        self.result = Sent()
        self._port, self._path, self._connections = port, path, connections
        self._random = random.Random(seed)  # noqa: S311  a repeatable load, not a secret
        self._number, self._name = 0, name
        self._pause = connections / rate if rate else 0.0
        self._stopped = self._deaf = False

    def go_deaf(self) -> None:
        """Believe no answer from now on: the power goes.

        No server outlives that. Ours does for some milliseconds, in which the kernel, its journal
        aborted, may call an fdatasync done.
        """
        self._deaf = True

    def stop(self) -> None:
        self._stopped = True

    async def run(self) -> None:
        await asyncio.gather(*(self._connection() for _ in range(self._connections)))

    async def _connection(self) -> None:
        while not self._stopped:
            with suppress(OSError, asyncio.IncompleteReadError, ValueError, TimeoutError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    while not self._stopped:
                        await asyncio.wait_for(self._deliver(reader, writer), 10)
                        if self._pause:
                            await asyncio.sleep(self._pause)
                finally:
                    writer.close()
            await asyncio.sleep(0.005)

    async def _deliver(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = self._body()
        self.result.sent.add(body)
        status, answer = await post(reader, writer, self._path, body)
        self.result.statuses[status] += 1
        if status == 200 and not self._deaf:
            told = json.loads(answer)
            if told["status"] == "landed":
                self.result.acked[told["event_id"]] = body
            else:
                self.result.kept[told["id"]] = body

    def _body(self) -> bytes:
        self._number += 1
        if self._random.random() < 0.01:
            return f"not understood {self._name}-{self._number}".encode()
        name = self._random.choice(_NAMES)
        meta = {"resource_type": name.partition("_")[0], "event_name": name}
        text = "x" * self._random.choice((0, 200, 900, 1300, 5000, 40000))
        data = {"uuid": f"{self._name}-{self._number}", "n": self._number, "profile": text}
        return json.dumps({"meta": meta, "data": data}).encode()


async def post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes
) -> tuple[int, bytes]:
    """One POST on an open connection: status and body. Raises OSError, IncompleteReadError."""
    head = b"POST %b HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n"
    writer.write(head % (path.encode(), len(body)) + body)
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    status = int(answer.split(b" ", 2)[1])
    length = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return status, await reader.readexactly(int(length))
