"""The servers that are compared, each started on loopback in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.campaign.serving import ADMIN, TOKEN, Serving, free_port, reachable
from benchmarks.receiver import load

_KEPT = 'proxy_http_version 1.1; proxy_set_header Connection "";'
_PATH = f"/webhooks/occupop/{TOKEN}"


@dataclass
class Peer:
    """A running server. `body` is what wrk posts; `admin` is our token for /metrics."""

    name: str
    port: int
    body: bytes
    path: str = _PATH
    pids: set[int] = field(default_factory=set)
    admin: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def syncs(self) -> list[int]:
        """fdatasync calls so far, by the bounds of the histogram; empty where we can't tell."""
        if not self.admin:
            return []
        url = f"http://127.0.0.1:{self.port}/metrics"
        text = httpx.get(url, headers={"authorization": f"Bearer {self.admin}"}).text
        found = re.findall(r"fdatasync_seconds_bucket\{le=\S+ (\S+)", text)
        return [int(float(count)) for count in found]


@contextmanager
def ours(
    folder: Path, body: bytes, workers: int = 1, prefix: tuple[str, ...] = ()
) -> Iterator[Peer]:
    """This receiver, with its defaults. Under eatmydata fdatasync does nothing."""
    serving = Serving(folder / "home", workers=workers, prefix=prefix)
    try:
        serving.wait()
        time.sleep(1)
        label = "ours, fdatasync off" if prefix else f"ours, {workers} worker(s)"
        pids = load.tree(serving.process.pid)
        yield Peer(label, serving.port, body, pids=pids, admin=ADMIN)
    finally:
        serving.stop()


@contextmanager
def one_file(folder: Path, body: bytes, each: bool = False) -> Iterator[Peer]:
    """FastAPI and fsync an event: into one file, or `each` event into its own."""
    environment = {"BENCH_FOLDER": str(folder), **({"BENCH_EACH": "1"} if each else {})}
    with _uvicorn("benchmarks.receiver.one_file:app", environment) as (port, pid):
        label = (
            "FastAPI, a file and fsync an event" if each else "FastAPI, one file, fsync an event"
        )
        yield Peer(label, port, body, pids=load.tree(pid))


@contextmanager
def postgres(folder: Path, body: bytes) -> Iterator[Peer]:
    """A cluster of its own (Debian: postgresql), synchronous_commit on, as installed."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    cluster, port = folder / "cluster", free_port()
    shutil.chown(folder, "postgres")
    _as_postgres(tools / "initdb", "-D", cluster, "-A", "trust", "-U", "postgres")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    log = cluster / "log"
    _as_postgres(tools / "pg_ctl", "-D", cluster, "-o", options, "-l", log, "-w", "start")
    try:
        master = int((cluster / "postmaster.pid").read_text().split()[0])
        environment = {"BENCH_POSTGRES": f"postgresql://postgres@127.0.0.1:{port}/postgres"}
        with _uvicorn("benchmarks.receiver.postgres:app", environment) as (web, pid):
            pids = load.tree(pid) | load.tree(master)
            yield Peer("FastAPI + PostgreSQL", web, body, pids=pids)
    finally:
        _as_postgres(tools / "pg_ctl", "-D", cluster, "-m", "fast", "-w", "stop")


@contextmanager
def webdis(folder: Path, body: bytes) -> Iterator[Peer]:
    """webdis before Redis with appendfsync always: no token, no check, a list in memory."""
    redis_port, port = free_port(), free_port()
    redis = ("redis-server", "--port", str(redis_port), "--dir", str(folder), "--save", "")
    settings = folder / "webdis.json"
    settings.write_text(
        f'{{"redis_host":"127.0.0.1","redis_port":{redis_port},"http_host":"127.0.0.1",'
        f'"http_port":{port},"threads":1,"pool_size":20,"daemonize":false,'
        '"http_max_request_size":1048576,"acl":[{"enabled":["RPUSH","PING"]}],'
        f'"verbosity":0,"logfile":"{folder}/webdis.log"}}'
    )
    command = b"RPUSH/events/" + urllib.parse.quote(body, safe="").encode()
    always = ("--appendonly", "yes", "--appendfsync", "always")
    with _process(*redis, *always) as first:
        reachable(redis_port)
        with _process("webdis", str(settings)) as second:
            reachable(port)
            pids = {first.pid, second.pid}
            yield Peer("webdis + Redis always", port, command, path="/", pids=pids)


@contextmanager
def nginx(folder: Path, body: bytes, keep: bool = False) -> Iterator[Peer]:
    """nginx that logs the body and proxies to a server of its own: written, never synced.

    `keep`: with kept connections to the server behind, which is not the default.
    """
    port, behind = free_port(), free_port()
    config = folder / "nginx.conf"
    config.write_text(
        f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 4096; }\n"
        "http { log_format body escape=json '$request_body'; client_body_buffer_size 64k;\n"
        f"client_body_temp_path {folder}/temp; proxy_temp_path {folder}/proxy;\n"
        "keepalive_requests 1000000000;\n"
        f"upstream behind {{ server 127.0.0.1:{behind}; keepalive 64; }}\n"
        f"server {{ listen 127.0.0.1:{port}; access_log {folder}/body.log body;\n"
        f"location / {{ proxy_pass http://behind; {_KEPT if keep else ''} }} }}\n"
        f"server {{ listen 127.0.0.1:{behind}; access_log off;\n"
        'location / { return 200 "{}"; } } }\n'
    )
    with _process("nginx", "-c", str(config)) as process:
        reachable(port)
        pids = load.tree(process.pid)
        label = "nginx body log" + (", upstream kept" if keep else "") + ", not durable"
        yield Peer(label, port, body, pids=pids)
        if body[-20:-1] not in (folder / "body.log").read_bytes().replace(b"\\", b""):
            raise RuntimeError("nginx did not log the body")


@contextmanager
def _uvicorn(app: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    port = free_port()
    options = ("--port", str(port), "--no-access-log", "--log-level", "warning")
    more = {"BENCH_TOKEN": TOKEN, **environment}
    with _process(sys.executable, "-m", "uvicorn", app, *options, **more) as process:
        reachable(port)
        yield port, process.pid


@contextmanager
def _process(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _as_postgres(*command: str | Path) -> None:
    subprocess.run(
        ("runuser", "-u", "postgres", "--", *map(str, command)),
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
