"""A pass of the shipper that is killed at its nth change of the disk."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from contract.settings import Settings
from tests.killing import die_at

_CHANGES = ("os.rename", "os.remove")
_GIVEN = ("landing_url", "s3_endpoint", "s3_key_id", "s3_secret")


def killed(settings: Settings, at: int) -> bool:
    """Whether it was killed; False when it was done before its `at`th change."""
    given = {"home": str(settings.home)}
    for name in _GIVEN:
        value = getattr(settings, name)
        given[name] = value if isinstance(value, str) else value.get_secret_value()
    command = [sys.executable, "-m", "tests.shipping.killing", json.dumps(given), str(at)]
    folder = Path(__file__).parents[2]
    return subprocess.run(command, cwd=folder, check=False).returncode == -signal.SIGKILL


def main() -> None:
    from shipping.ship import ship

    die_at(int(sys.argv[2]), _CHANGES)
    ship(Settings.model_validate(json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
