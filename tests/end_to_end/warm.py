"""Runs commands of `hiring`, each in a forked child of a process that has imported what runs need.

Reads requests from stdin, one JSON object a line: arguments, environ, folder, out, err. Answers
each with the exit code. A cold start costs two seconds of imports, a fork next to nothing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import hiring
import stages
from contract.settings import Settings


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        stages.warm_up(Settings(home=Path(home)))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def become(request: dict[str, Any]) -> None:
    """Run one command and end with its exit code, as the console script does."""
    for descriptor, name in ((0, "/dev/null"), (1, request["out"]), (2, request["err"])):
        opened = os.open(name, os.O_RDONLY if descriptor == 0 else os.O_WRONLY)
        os.dup2(opened, descriptor)
    os.chdir(request["folder"])
    os.environ.update(request["environ"])
    sys.argv = ["hiring", *request["arguments"]]
    code: Any = 70
    try:
        hiring.main()
    except SystemExit as error:
        code = error.code or 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
