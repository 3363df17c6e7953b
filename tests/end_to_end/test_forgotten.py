"""A person forgotten by the command line, in a home of its own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.end_to_end.conftest import Run

DATA = {"uuid": "0f0f0f0f-1111-4222-8333-444444444444", "job_uuid": "j", "status": "new"}
META = {"resource_type": "CandidateResource", "event_name": "CandidateResource_created"}


def test_a_forgotten_person_is_proven_gone_from_every_file(tmp_path: Path, run_in: Run) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"meta": META, "data": DATA}) + "\n")
    run_in(tmp_path, "land", "lines.jsonl")
    lines.unlink()
    run_in(tmp_path, "sync")
    done = run_in(tmp_path, "forget", "--candidate", DATA["uuid"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "proof: nothing is left" in done.stdout
    ledger = json.loads(run_in(tmp_path, "status", "--json").stdout)["ledger"]
    assert (ledger["landed"], ledger["tombstoned"], ledger["unexplained"]) == (1, 1, 0)
