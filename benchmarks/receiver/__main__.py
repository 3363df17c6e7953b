"""`python -m benchmarks.receiver [--seconds 5]`: the receiver beside its peers, into RESULTS.md.

Debian packages: wrk, eatmydata, nginx-light, redis-server, webdis, postgresql; PyPI: asyncpg. A
peer that is not installed is left out, and the table says so. Run as root (PostgreSQL's cluster).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.campaign.ledger import commit
from benchmarks.receiver import load, peers
from benchmarks.receiver.peers import Peer

RESULTS = Path(__file__).with_name("RESULTS.md")
CONNECTIONS = (1, 8, 64, 256)
Start = Callable[[Path, bytes], AbstractContextManager[Peer]]

PEERS: dict[str, tuple[Start, tuple[str, ...]]] = {
    "ours1": (peers.ours, ()),
    "ours2": (lambda folder, body: peers.ours(folder, body, workers=2), ()),
    "unsynced": (lambda f, b: peers.ours(f, b, prefix=("eatmydata",)), ("eatmydata",)),
    "one_file": (peers.one_file, ()),
    "each_file": (lambda folder, body: peers.one_file(folder, body, each=True), ()),
    "postgres": (peers.postgres, ("postgres",)),
    "webdis": (peers.webdis, ("webdis", "redis-server")),
    "nginx": (peers.nginx, ("nginx",)),
    "nginx_kept": (lambda folder, body: peers.nginx(folder, body, keep=True), ("nginx",)),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.receiver", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(PEERS), choices=PEERS)
    parser.add_argument("--note", default="", help="what else ran on the machine")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.only:
        for row in measure(name, arguments.seconds):
            print(row, flush=True)
            rows.append(row)
    if arguments.only == list(PEERS):  # a part is no result
        RESULTS.write_text(page(rows, arguments.seconds, arguments.note))


def measure(name: str, seconds: int) -> Iterator[str]:
    """A row of the table for each number of connections."""
    start, needs = PEERS[name]
    missing = [tool for tool in needs if not shutil.which(tool)]
    if name == "postgres" and not importlib.util.find_spec("asyncpg"):
        missing.append("asyncpg")
    if missing:
        yield f"| {name} | not installed: {', '.join(missing)} | | | | | | |"
        return
    with tempfile.TemporaryDirectory(prefix="hiring-bench-") as text:
        folder = Path(text)
        folder.chmod(0o755)
        with start(folder, body()) as peer:
            script = load.write_script(folder, peer.body)
            load.run(peer.url, script, 8, 1, peer.pids)  # warm
            for connections in CONNECTIONS:
                yield _row(peer, script, connections, seconds)


def _row(peer: Peer, script: Path, connections: int, seconds: int) -> str:
    before = peer.syncs()
    result = load.run(peer.url, script, connections, seconds, peer.pids)
    after = peer.syncs()
    grouped = ""
    if before is not None and after is not None:
        grouped = f"{result.rate * seconds / max(after - before, 1):.1f}"
    return (
        f"| {peer.name} | {connections} | {result.rate:,.0f} | {result.p50:.2f} | "
        f"{result.p99:.2f} | {grouped} | {result.cpu:.0f} | {result.failed} |"
    )


def body() -> bytes:
    """A candidate of 1.3 KB, invented."""
    candidate = {
        "uuid": "7d9f4a52-6f0e-4c1b-9a55-0d9f2f1c7e11",
        "status": "active",
        "first_name": "Ann",
        "email": "ann@example.com",
        "job_uuid": "f3c1c1f0-24c8-4d57-8f0b-5f2f6f2f9b77",
        "hiring_flow_step": {"uuid": "s-1", "name": "Interview"},
        "location": {"city": "Dublin", "country": "Ireland", "country_short": "IE"},
        "questions_form": [{"type": "select", "text": "Right to work?", "answer": "Yes"}],
        "updated_at": "2026-05-20 10:34:17",
    }
    event = {"resource_type": "CandidateResource", "event_name": "CandidateResource_updated"}
    short = len(json.dumps({"meta": event, "data": {**candidate, "profile": ""}}))
    candidate["profile"] = "x" * (1300 - short)
    return json.dumps({"meta": event, "data": candidate}).encode()


def page(rows: list[str], seconds: int, note: str) -> str:
    """RESULTS.md."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        "# The receiver beside its peers\n\n"
        f"`python -m benchmarks.receiver --seconds {seconds}`, {now}, commit {commit()}, "
        f"{os.cpu_count()} cores shared with wrk, {platform.platform()}. {note}\n\n"
        f"Versions: {versions()}. Body of 1.3 KB; rate in events/s, p50 and p99 in ms, CPU of the "
        "server in µs an event; ours seals while it is measured.\n\n"
        "| server | connections | rate | p50 | p99 | events per fdatasync | CPU | failed |\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def versions() -> str:
    """Of what was measured, as far as it is installed."""
    found = [f"{name} {version(name)}" for name in ("uvicorn", "httptools", "uvloop", "fastapi")]
    for command in (("nginx", "-v"), ("redis-server", "--version"), ("postgres", "--version")):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found.append((done.stdout + done.stderr).strip().split(" sha=")[0])
    return "; ".join(found)


if __name__ == "__main__":
    main()
