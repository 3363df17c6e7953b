"""What the models were built by: a difference builds them anew from raw."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import duckdb

from contract import warehouse
from contract.settings import Settings

PROJECT = Path(__file__).parent
_MODEL_FOLDERS = ("models", "macros")
_ESTIMATORS = ("estimators", "estimated", "curves", "calibration", "auc", "intervals")


def current(settings: Settings, seeds: Path) -> str:
    """The fingerprint of what a build would be made by: `part=hash` joined by blanks."""
    models = [p for folder in _MODEL_FOLDERS for p in (PROJECT / folder).rglob("*.sql")]
    estimates = [
        *(PROJECT / "estimates").glob("*.sql"),
        *(PROJECT / f"{module}.py" for module in _ESTIMATORS),
    ]
    parts = {
        "models": _digest([*models, PROJECT / "dbt_project.yml"]),
        "estimates": _digest(estimates),
        "mappings": _digest(seeds.glob("*.csv")),
        "settings": _short(f"{settings.timezone} {settings.redelivery_window}".encode()),
        "versions": _short(f"{version('duckdb')} {version('dbt-core')}".encode()),
    }
    return " ".join(f"{part}={digest}" for part, digest in parts.items())


def why_rebuild(settings: Settings, fingerprint: str) -> str | None:
    """Why the models must be built whole, in words; None when new loads suffice."""
    with warehouse.connect(settings, read_only=True) as connection:
        names = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = current_database()"
            ).fetchall()
        }
        if "covered_loads" not in names:
            return "first build"
        if "built_by" not in names:
            return "built by dbt alone, or not to the end"
        row = connection.execute("select fingerprint from main.built_by").fetchone()
        lost = connection.execute(
            "select count(*) from main.covered_loads"
            " where load_id not in (select load_id from raw._dlt_loads where status = 0)"
        ).fetchone()
    changed = _changed(row[0] if row else "", fingerprint)
    if changed:
        return "changed: " + ", ".join(changed)
    return "raw tables were loaded anew" if lost and lost[0] else None


def record(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    """Note what the models were built whole by; until then a next build is a whole one, too."""
    connection.execute("create or replace table main.built_by (fingerprint varchar, build uuid)")
    connection.execute("insert into main.built_by values (?, uuid())", [fingerprint])


def _changed(old: str, new: str) -> list[str]:
    known = dict(part.split("=", 1) for part in old.split() if "=" in part)
    return [
        name for name, digest in (p.split("=", 1) for p in new.split()) if known.get(name) != digest
    ]


def _digest(paths: object) -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(p) for p in paths):  # type: ignore[attr-defined]
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _short(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
