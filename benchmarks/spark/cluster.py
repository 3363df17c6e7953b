"""A standalone Spark cluster on loopback, out of the pip package, as in docs/spark.md."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

HOST = "127.0.0.1"
HOME = Path(pyspark.__file__).parent
# As /etc/spark/spark-defaults.conf would say it.
DEFAULTS = {
    "spark.executor.memory": "1500m",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "8",
}
_PATIENCE = 300.0


@dataclass
class Cluster:
    """url: for HIRING_SPARK_MASTER. environ: for the run. processes: the daemons."""

    url: str
    environ: Mapping[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)


@contextmanager
def cluster(folder: Path, *, workers: int = 2, memory: str = "2g") -> Iterator[Cluster]:
    """Start a master and workers of one core each; stop them at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (f"{name} {value}\n" for name, value in DEFAULTS.items())
    (folder / "spark-defaults.conf").write_text("".join(lines))
    environ = {"SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": HOST, "SPARK_CONF_DIR": str(folder)}
    running = Cluster(f"spark://{HOST}:{_free_port()}", environ)
    try:
        port = running.url.rpartition(":")[2]
        _start(running, folder / "master.log", "master.Master", "--host", HOST, "--port", port)
        _wait_for(folder / "master.log", "New state: ALIVE")
        for number in range(workers):
            log = folder / f"worker{number}.log"
            given = ("--host", HOST, "--cores", "1", "--memory", memory)
            work = ("--work-dir", str(folder / f"work{number}"))
            _start(running, log, "worker.Worker", *given, *work, running.url)
        for number in range(workers):
            _wait_for(folder / f"worker{number}.log", "Successfully registered with master")
        yield running
    finally:
        for process in reversed(running.processes):
            process.terminate()
        for process in running.processes:
            process.wait()


def _start(running: Cluster, log: Path, name: str, *arguments: str) -> None:
    with log.open("wb") as output:
        running.processes.append(
            subprocess.Popen(
                [
                    *(HOME / "bin" / "spark-class", f"org.apache.spark.deploy.{name}"),
                    *("--webui-port", "0", *arguments),
                ],
                env=os.environ | running.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        )


def _wait_for(log: Path, text: str) -> None:
    end = time.monotonic() + _PATIENCE
    while text not in log.read_text(errors="replace"):
        if time.monotonic() > end:
            raise TimeoutError(f"{log} does not say {text!r}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
