"""wrk against one server, and what the server spent on it."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_HZ = os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.5
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """rate in events/s, p50 and p99 in ms, cpu in microseconds of the server per event.

    others: cores that were busy with neither the server nor wrk.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    failed: int
    others: float = 0.0
    events: int = 0


def run(url: str, script: Path, connections: int, seconds: int, pids: set[int]) -> Load:
    """Load a server; `pids` are its processes at the start, whose children count too."""
    before, all_before, wrk_before = _cpu_seconds(pids), _busy_seconds(), _wrk_seconds()
    command = (
        *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)),
        url,
    )
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = _cpu_seconds(pids) - before
    beside = _busy_seconds() - all_before - used - (_wrk_seconds() - wrk_before)
    events = int(_first(r"(\d+) requests in", text))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Load(
        float(_first(r"Requests/sec:\s+([\d.]+)", text)),
        _milliseconds("50", text),
        _milliseconds("99", text),
        1e6 * used / max(events, 1),
        int(failed[1]) if failed else 0,
        beside / seconds,
        events,
    )


def wait_for_calm(cores: float, patience: int) -> None:
    """Until no more than so many cores are busy, for `patience` seconds at most."""
    end = time.monotonic() + patience
    busy = cores + 1
    while busy > cores and time.monotonic() < end:
        before = _busy_seconds()
        time.sleep(_LOOK_SECONDS)
        busy = (_busy_seconds() - before) / _LOOK_SECONDS


def write_script(folder: Path, body: bytes) -> Path:
    """A wrk script that posts one body."""
    (folder / "body").write_bytes(body)
    script = folder / "post.lua"
    script.write_text(
        f'local file = io.open("{folder}/body", "rb")\n'
        'wrk.method = "POST"\nwrk.body = file:read("*a")\n'
        'wrk.headers["content-type"] = "application/json"\n'
    )
    return script


def tree(pid: int) -> set[int]:
    """A process and its descendants."""
    found, queue = {pid}, [pid]
    while queue:
        children = Path(f"/proc/{queue.pop()}/task").glob("*/children")
        for path in children:
            new = {int(child) for child in path.read_text().split()} - found
            found |= new
            queue += new
    return found


def _cpu_seconds(pids: set[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _HZ


def _busy_seconds() -> float:
    """Of all cores: user, nice, system and interrupts."""
    fields = [int(text) for text in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:7])) / _HZ


def _wrk_seconds() -> float:
    """Of the children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _milliseconds(percentile: str, text: str) -> float:
    number, unit = re.findall(rf"\b{percentile}%\s+([\d.]+)(us|ms|s)", text)[0]
    return float(number) * _UNITS[unit]


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"wrk said: {text}")
    return found[1]
