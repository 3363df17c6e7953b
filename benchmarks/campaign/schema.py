"""schemathesis: what the OpenAPI document declares is what the receiver does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.campaign.audit import Verdict
from benchmarks.campaign.serving import TOKEN, Serving

# positive_data_acceptance, negative_data_rejection: any body is answered 200, kept or landed.
# ignored_auth, unsupported_method: a wrong token is 404 whatever the method, and so are
# strangers at the admin routes: nothing tells them what is there.
CHECKS = (
    "not_a_server_error,status_code_conformance,"
    "content_type_conformance,response_schema_conformance"
)


def schema(folder: Path, seeds: range) -> Iterator[Verdict]:
    """One run of 200 examples an operation a seed; wrong when schemathesis finds anything."""
    for seed in seeds:
        home = folder / f"home-{seed}"
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        with Serving(home, workers=1, admin_token=TOKEN) as serving:
            done = run(serving, seed, 200)
            stopped = serving.stop()
        if done.returncode:
            print(done.stdout[-3000:])
        yield Verdict(200, 0, 0, bool(done.returncode) + bool(stopped))
        shutil.rmtree(home)


def run(
    serving: Serving, seed: int, examples: int, *phases: str
) -> subprocess.CompletedProcess[str]:
    """schemathesis against a running receiver, with a good token in the paths and headers."""
    config = serving.log.with_suffix(".toml")
    config.write_text(f'[parameters]\n"path.token" = "{TOKEN}"\n')
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(config),
        "run",
        f"http://127.0.0.1:{serving.port}/openapi.json",
        *("--header", f"Authorization: Bearer {TOKEN}"),
        *("--checks", CHECKS),
        *("--max-examples", str(examples)),
        *("--seed", str(seed)),
        "--no-color",
        *(("--phases", ",".join(phases)) if phases else ()),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=config.parent)
