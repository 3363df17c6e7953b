"""`python -m benchmarks.receiver [--seconds 5]`: the receiver beside its peers, into RESULTS.md.

Debian packages: wrk, eatmydata, nginx-light, redis-server, webdis, postgresql; PyPI: asyncpg. A
peer that is not installed is left out, and the table says so. Run as root (PostgreSQL's cluster).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.receiver import disk, load, peers
from benchmarks.receiver.peers import Peer
from benchmarks.receiver.results import COUNTS, Row, Run, page

RESULTS = Path(__file__).with_name("RESULTS.md")
CONNECTIONS = (1, 8, 64, 256)
TRIES, OTHERS, PATIENCE = 3, 0.15, 20
RUNS = 5
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
    command = " ".join(("python -m benchmarks.receiver", *sys.argv[1:]))
    run = Run(command, arguments.note, os.getloadavg()[0], [disk.probe()])
    for name in arguments.only:
        for row in measure(name, arguments.seconds, run):
            print(" | ".join(row.cells), flush=True)
            run.rows.append(row)
    run.disks.append(disk.probe())
    RESULTS.write_text(page(run))


def measure(name: str, seconds: int, run: Run) -> Iterator[Row]:
    """A row of the table for each number of connections."""
    start, needs = PEERS[name]
    missing = [tool for tool in needs if not shutil.which(tool)]
    if name == "postgres" and not importlib.util.find_spec("asyncpg"):
        missing.append("asyncpg")
    if missing:
        run.missing.append(f"{name} ({', '.join(missing)} not installed)")
        return
    with tempfile.TemporaryDirectory(prefix="hiring-bench-") as text:
        folder = Path(text)
        folder.chmod(0o755)
        with start(folder, body()) as peer:
            script = load.write_script(folder, peer.body)
            load.run(peer.url, script, 8, 1, peer.pids)  # warm
            for connections in CONNECTIONS:
                yield repeated(name, peer, script, connections, seconds)


def repeated(name: str, peer: Peer, script: Path, connections: int, seconds: int) -> Row:
    """A row; that of the targets of several runs: one p99 says what the disk did just then."""
    runs = RUNS if connections == COUNTS else 1
    every = [undisturbed(peer, script, connections, seconds) for _ in range(runs)]
    syncs = [sum(counts) for counts in zip(*(syncs for _, syncs in every), strict=True)]
    return Row(name, peer.name, connections, [result for result, _ in every], syncs)


def undisturbed(
    peer: Peer, script: Path, connections: int, seconds: int
) -> tuple[load.Load, list[int]]:
    """A run and its syncs, begun when the machine idles; made again where it did not stay so."""
    for _ in range(TRIES):
        load.wait_for_calm(OTHERS, PATIENCE)
        before = peer.syncs()
        result = load.run(peer.url, script, connections, seconds, peer.pids)
        syncs = [after - was for was, after in zip(before, peer.syncs(), strict=True)]
        if result.others <= OTHERS:
            break
        print(f"again: others had {result.others:.2f} cores", file=sys.stderr, flush=True)
    return result, syncs


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


if __name__ == "__main__":
    main()
