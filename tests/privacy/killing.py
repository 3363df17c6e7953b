"""An erasure that is killed at its nth change of the disk."""

from __future__ import annotations

import os
import signal

from privacy.forget import forget
from privacy.people import People
from tests.killing import die_at
from tests.privacy.conftest import Home

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.chmod", "shutil.rmtree")


def killed(home: Home, uuid: str, at: int) -> bool:
    """Whether the erasure was killed; False when it was done before its `at`th change."""
    child = os.fork()
    if child == 0:
        _die_at(home, uuid, at)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _die_at(home: Home, uuid: str, at: int) -> None:
    die_at(at, CHANGES)
    code = 1
    try:
        forget(home.settings, People.of([uuid]), home.quick_hands)
        code = 0
    finally:
        os._exit(code)
