"""A PostgreSQL and an S3-compatible server on loopback, and homes whose tables are in a lake."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from benchmarks.campaign.serving import free_port, reachable
from contract import durable
from contract.settings import Settings
from receiver.land import land
from simulator.company import make_company
from simulator.lines import write_lines

END = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
BUCKET, KEY, SECRET = "lake", "key", "an invented secret"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL, without a database's name. Nothing of it is synced to disk."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    folder, port = Path(tempfile.mkdtemp(prefix="hiring-pg-")), free_port()
    if user:
        shutil.chown(folder, "postgres")

    def run(tool: str, *arguments: str | Path) -> None:
        command = (*user, tools / tool, "-D", folder / "cluster", *arguments)
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)

    run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-o", options, "-l", folder / "log", "-w", "start")
    yield f"postgresql://postgres@127.0.0.1:{port}"
    run("pg_ctl", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address of an S3-compatible server, and the folder of its objects."""
    folder, port = tmp_path_factory.mktemp("s3"), free_port()
    (folder / BUCKET).mkdir()
    rclone = Path(sys.executable).with_name("rclone")
    command = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--no-checksum", folder]
    waits = ("--vfs-write-wait", "0s", "--vfs-read-wait", "0s", "--config", os.devnull)
    keys = ("--auth-key", f"{KEY},{SECRET}")
    with subprocess.Popen([*command, *keys, *waits], stderr=subprocess.DEVNULL) as server:
        reachable(port)
        yield f"http://127.0.0.1:{port}", folder / BUCKET
        server.terminate()


@dataclass
class Lakes:
    """Makes homes on lakes; a lake is a database and a folder of the bucket, by name."""

    postgres: str
    endpoint: str
    objects: Path
    folder: Path

    def settings(self, home: Path, lake: str) -> Settings:
        with (
            psycopg.connect(f"{self.postgres}/postgres", autocommit=True) as session,
            suppress(psycopg.errors.DuplicateDatabase),
        ):
            session.execute(f'create database "{lake}"'.encode())
        return Settings.from_environ(
            {
                "HIRING_HOME": str(home),
                "HIRING_ENGINE": "ducklake",
                "HIRING_LAKE_CATALOG": f"{self.postgres}/{lake}",
                "HIRING_LAKE_DATA": f"s3://{BUCKET}/{lake}",
                "HIRING_S3_ENDPOINT": self.endpoint,
                "HIRING_S3_KEY_ID": KEY,
                "HIRING_S3_SECRET": SECRET,
            }
        )


@pytest.fixture(scope="session")
def lakes(
    postgres: str, store: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Lakes:
    return Lakes(postgres, *store, tmp_path_factory.mktemp("lakes"))


@pytest.fixture(scope="session")
def batches(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The deliveries of a small company in the order of sending, in eight files."""
    folder = tmp_path_factory.mktemp("batches")
    write_lines(make_company(candidates=60, seed=4, end=END), folder / "all", 4)
    lines = (folder / "all").read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // 8)
    for number in range(8):
        chunk = lines[number * size : (number + 1) * size]
        (folder / f"{number}.jsonl").write_bytes(b"".join(chunk))
    return [folder / f"{number}.jsonl" for number in range(8)]


Home = Callable[[str], Path]


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home by name, with the key that makes the same person_key everywhere."""

    def make(name: str) -> Path:
        home = tmp_path_factory.mktemp(name)
        durable.write(home / "secrets" / "person_key", [b"the key of these tests"])
        return home

    return make


def landed(home: Path, files: list[Path]) -> None:
    """Each file sealed as a batch of its own."""
    for file in files:
        land(Settings(home=home), [file])
