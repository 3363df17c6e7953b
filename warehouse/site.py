"""The dbt docs site with lineage, as one HTML file that works offline."""

from __future__ import annotations

import shutil
from pathlib import Path

from contract.settings import Settings
from warehouse import mappings
from warehouse.build import variables
from warehouse.runner import invoke


def write_site(settings: Settings, path: Path) -> None:
    """Write the docs of models, columns, tests and exposures of the built warehouse to `path`.

    Raises BuildFailed.
    """
    seeds = mappings.prepare(settings)
    invoke(settings, ["docs", "generate", "--static"], variables(settings, seeds))
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.state / "dbt" / "target" / "static_index.html", path)
