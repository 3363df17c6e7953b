"""The dbt project by itself, as an analytics engineer runs it: the real command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from contract.settings import Settings
from tests.warehouse.history import Raw
from tests.warehouse.test_build import tree
from tests.warehouse.test_increments import pieces
from warehouse import fingerprint


def test_dbt_build_works_by_itself_and_writes_nothing_into_the_source_tree(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    rows = [*pieces(7)[0], ("loaded_segments", {"slot": "w0", "seq": 1, "rows": 1000})]
    Raw(settings.warehouse).load("1", rows)
    before = tree(fingerprint.PROJECT)
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "build"],
        cwd=fingerprint.PROJECT,
        env=os.environ | {"HIRING_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in done.stdout
    assert tree(fingerprint.PROJECT) == before
    assert (settings.state / "dbt" / "target" / "manifest.json").is_file()
    # What dbt built alone is built anew by the next sync: it knows no mappings and settings.
    mark = fingerprint.current(settings, fingerprint.PROJECT / "seeds")
    why = fingerprint.why_rebuild(settings, mark)
    assert why == "built by dbt alone, or not to the end"
