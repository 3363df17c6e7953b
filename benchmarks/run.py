"""`make bench` = `python -m benchmarks.run [NAME …] [--quick]`: the benchmarks, in turn.

Each prints its table, with command, commit and time; benchmarks/RESULTS.md keeps what a quiet
machine gave. `--quick` takes small sizes and leaves slow contenders out: it shows that the
benchmarks work, and its figures are no results.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

FULL = {
    "receiver": ("benchmarks.receiver",),
    "pipeline": ("benchmarks.pipeline", "peers"),
    "growth": ("benchmarks.pipeline", "growth"),
    "small-company": ("benchmarks.pipeline", "small-company"),
    "compaction": ("benchmarks.compaction",),
    "warehouse": ("benchmarks.warehouse",),
    "privacy": ("benchmarks.privacy",),
}
QUICK = {
    "receiver": ("benchmarks.receiver", "--seconds", "1", "--only", "ours1"),
    "pipeline": ("benchmarks.pipeline", "peers", "--candidates", "2000", "--quick"),
    "growth": ("benchmarks.pipeline", "growth", "--history", "2000", "5000"),
    "small-company": ("benchmarks.pipeline", "small-company", "--days", "2"),
    "compaction": ("benchmarks.compaction", "--candidates", "1000", "--times", "1"),
    "warehouse": ("benchmarks.warehouse", "--quick"),
    "privacy": ("benchmarks.privacy", "--quick"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FULL)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, no results")
    given = parser.parse_args()
    if unknown := set(given.names) - set(FULL):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    commands = QUICK if given.quick else FULL
    failed = [name for name in given.names or FULL if not _succeeds(commands[name])]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _succeeds(command: tuple[str, ...]) -> bool:
    print(f"\n# python -m {' '.join(command)}\n", flush=True)
    return subprocess.run([sys.executable, "-m", *command], check=False).returncode == 0


if __name__ == "__main__":
    main()
