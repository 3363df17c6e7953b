"""The suite itself: what a session makes is made once, however many workers there are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("contract/test_landing.py", "pipelines/test_child.py", "simulator/test_vocabulary.py")


def test_the_tests_of_a_room_run_in_one_worker() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-n", "2", *(f"tests/{file}" for file in FILES)],
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    workers = defaultdict(set)
    for worker, room in re.findall(r"^\[(gw\d)\].* PASSED tests/(\w+)/", done.stdout, re.MULTILINE):
        workers[room].add(worker)
    assert {room: len(found) for room, found in workers.items()} == {
        "contract": 1,
        "pipelines": 1,
        "simulator": 1,
    }
    assert set.union(*workers.values()) == {"gw0", "gw1"}
