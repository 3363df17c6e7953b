"""Hostile clients by the thousand: memory stays bounded and good senders are served."""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.campaign.audit import Verdict, audit
from benchmarks.campaign.sender import Sender, post
from benchmarks.campaign.serving import Serving

RSS_LIMIT = 150 << 20
_CLIENTS = 3000
_SECONDS = 12.0
_PATIENCE = 5.0
_POST = b"POST %b HTTP/1.1\r\nhost: localhost\r\n"
_WRONG = b"/webhooks/occupop/not-the-token-of-anyone"
Attack = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


async def _written(writer: asyncio.StreamWriter) -> None:
    """Until the kernel took it; ends the attack when the receiver hung up."""
    await writer.drain()
    if writer.is_closing():
        raise ConnectionResetError
    await asyncio.sleep(0)


async def _slow_head(writer: asyncio.StreamWriter, path: bytes) -> None:
    for byte in _POST % path + b"x-slow: " + b"y" * 10_000:
        writer.write(bytes([byte]))
        await _written(writer)
        await asyncio.sleep(0.2)


async def _slow_body(writer: asyncio.StreamWriter, path: bytes) -> None:
    writer.write(_POST % path + b"content-length: 500000\r\n\r\n")
    while True:
        writer.write(b"z" * 100)
        await _written(writer)
        await asyncio.sleep(0.5)


async def _endless_chunks(writer: asyncio.StreamWriter, path: bytes) -> None:
    writer.write(_POST % path + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"z" * 65536 + b"\r\n")
        await _written(writer)


async def _endless_wrong(writer: asyncio.StreamWriter, _path: bytes) -> None:
    await _endless_chunks(writer, _WRONG)


async def _bomb(writer: asyncio.StreamWriter, path: bytes) -> None:
    writer.write(_POST % path + b"content-encoding: gzip\r\ncontent-length: 900000\r\n\r\n")
    writer.write(b"\x1f\x8b\x08" + b"\0" * 899_997)
    await writer.drain()
    await asyncio.sleep(0.5)


async def _header_flood(writer: asyncio.StreamWriter, path: bytes) -> None:
    writer.write(_POST % path)
    while True:
        writer.write(b"x-flood: " + b"y" * 4000 + b"\r\n")
        await _written(writer)


async def _endless_header(writer: asyncio.StreamWriter, path: bytes) -> None:
    writer.write(_POST % path + b"x-endless: ")
    while True:
        writer.write(b"y" * 8192)
        await _written(writer)


async def _trailers(writer: asyncio.StreamWriter, path: bytes) -> None:
    writer.write(_POST % path + b"transfer-encoding: chunked\r\n\r\n0\r\n")
    while True:
        writer.write(b"x-trailer: " + b"y" * 4000 + b"\r\n")
        await _written(writer)


ATTACKS: tuple[Attack, ...] = (
    _slow_head, _slow_body, _endless_chunks, _endless_wrong, _bomb, _header_flood,
    _endless_header, _trailers,
)  # fmt: skip


def floods(
    folder: Path, seeds: range, clients: int = _CLIENTS, seconds: float = _SECONDS
) -> Iterator[Verdict]:
    """One kind of attack a seed, in turn. wrong counts memory beyond the limit and starved senders.

    The good sender is served if each of its deliveries is answered 200 within five seconds.
    """
    _allow_files()
    for seed in seeds:
        home = folder / f"home-{seed}"
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        kind = ATTACKS[seed % len(ATTACKS)]
        with Serving(home, workers=1, header_seconds="4", body_seconds="6") as serving:
            sender = Sender(serving.port, serving.path, seed, connections=4)
            slowest, served = asyncio.run(_attack(serving, sender, kind, clients, seconds))
            peak = _peak_rss(serving.process.pid)
            stopped = serving.stop()
        verdict = audit(home, sender.result)
        print(
            f"{kind.__name__}: {clients} clients, peak {peak >> 20} MB, "
            f"{served} deliveries served, slowest {slowest:.2f} s, {dict(sender.result.statuses)}"
        )
        bad = (peak > RSS_LIMIT) + (slowest > _PATIENCE) + (not served) + bool(stopped)
        yield Verdict(verdict.acked, verdict.landed, verdict.lost, verdict.wrong + bad)
        shutil.rmtree(home)


async def _attack(
    serving: Serving, sender: Sender, kind: Attack, clients: int, seconds: float
) -> tuple[float, int]:
    """Slowest answer that a good sender had to wait for, and how many it got."""
    good = asyncio.create_task(sender.run())
    with _crowd(serving, kind.__name__, clients):
        slowest, served, end = 0.0, 0, time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.monotonic()
            served += await _served(serving)
            slowest = max(slowest, time.monotonic() - start)
            await asyncio.sleep(0.05)
    sender.stop()
    await good
    return slowest, served


async def _served(serving: Serving) -> bool:
    """A new connection with one delivery, tried until it is answered 200."""
    end = time.monotonic() + 2 * _PATIENCE
    while time.monotonic() < end:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
            try:
                status, _ = await post(reader, writer, serving.path, b'{"test":true}')
                if status == 200:
                    return True
            finally:
                writer.close()
        await asyncio.sleep(0.01)
    return False


@contextmanager
def _crowd(serving: Serving, attack: str, clients: int) -> Iterator[None]:
    """The attackers, in a process of their own."""
    command = (sys.executable, "-m", "benchmarks.campaign.floods", attack, str(clients))
    with subprocess.Popen(
        [*command, str(serving.port), serving.path], stderr=subprocess.DEVNULL
    ) as crowd:
        try:
            yield
        finally:
            crowd.kill()


async def attack(kind: Attack, clients: int, port: int, path: str) -> None:
    """Attack for ever."""

    async def client() -> None:
        while True:
            with suppress(OSError, TimeoutError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    await asyncio.wait_for(kind(writer, path.encode()), 8)
                finally:
                    writer.close()
            await asyncio.sleep(0.2)

    await asyncio.gather(*(client() for _ in range(clients)))


def _peak_rss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise RuntimeError("no VmHWM")


def _allow_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    _allow_files()
    name, count, port, path = sys.argv[1:]
    kinds = {kind.__name__: kind for kind in ATTACKS}
    asyncio.run(attack(kinds[name], int(count), int(port), path))
