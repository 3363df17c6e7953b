"""What Occupop does not say: status to outcome, step to stage, source to name.

A file HIRING_HOME/config/<name>.csv takes the place of the shipped seeds/<name>.csv as a whole.
"""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from contract import anonymous, durable
from contract.settings import Settings

SHIPPED = Path(__file__).parent / "seeds"
ANONYMOUS = "anonymous_applications.csv"
OUTCOMES = ("open", "hired", "rejected", "withdrawn")


class MappingError(ValueError):
    """A mapping file is wrong; the text says which file, which line and what is expected."""


@dataclass(frozen=True)
class Mapping:
    """A mapping file: its columns, those that make the key (compared in lower case, trimmed),
    and those that may be left out or left empty."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return self.name + ".csv"


MAPPINGS = (
    Mapping("status_outcomes", ("status", "outcome"), ("status",)),
    Mapping(
        "stage_map",
        ("step_name", "stage", "stage_order", "job_uuid"),
        ("step_name", "job_uuid"),
        ("stage_order", "job_uuid"),
    ),
    Mapping("source_map", ("source_name", "mapped_name"), ("source_name",)),
)


def prepare(settings: Settings) -> Path:
    """Put the mappings that hold where dbt seeds them from, and return that folder.

    Raises MappingError.
    """
    folder = settings.state / "dbt" / "seeds"
    durable.make_directory(folder)
    for mapping in MAPPINGS:
        own = settings.config / mapping.file
        text = normalised(mapping, own if own.is_file() else SHIPPED / mapping.file)
        _write_if_new(folder / mapping.file, text)
    _write_if_new(folder / ANONYMOUS, _anonymous(settings))
    shutil.copyfile(SHIPPED / "seeds.yml", folder / "seeds.yml")
    return folder


def _anonymous(settings: Settings) -> str:
    """What erasures left of applications: no mapping, yet it comes as the mappings do."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [field.name for field in fields(anonymous.Application)]
    writer.writerow((*columns, "applications"))
    writer.writerows((*astuple(kept), count) for kept, count in anonymous.read(settings.home))
    return text.getvalue()


def normalised(mapping: Mapping, path: Path) -> str:
    """The rows of a mapping file, checked, with keys in lower case.

    Raises MappingError.
    """
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        _check_header(mapping, path, reader.fieldnames or ())
        rows = [_row(mapping, path, reader.line_num, row) for row in reader if any(row.values())]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MappingError(f"{path.name}: not a UTF-8 CSV file") from error
    _check_unique(mapping, path, rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, mapping.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _check_header(mapping: Mapping, path: Path, header: object) -> None:
    given = {str(name) for name in header} if isinstance(header, list | tuple) else set()
    required = set(mapping.columns) - set(mapping.optional)
    if not required <= given <= set(mapping.columns):
        raise MappingError(
            f"{path.name}: the first line must name the columns {', '.join(mapping.columns)}"
        )


def _row(mapping: Mapping, path: Path, line: int, row: dict[str, str | None]) -> dict[str, str]:
    if None in row or None in row.values():
        raise MappingError(f"{path.name}, line {line}: wrong number of columns")
    clean = {name: str(row.get(name) or "").strip() for name in mapping.columns}
    clean |= {name: clean[name].lower() for name in mapping.key}
    if any(not clean[name] for name in mapping.columns if name not in mapping.optional):
        raise MappingError(f"{path.name}, line {line}: a column is empty")
    if mapping.name == "status_outcomes" and clean["outcome"] not in OUTCOMES:
        raise MappingError(
            f"{path.name}, line {line}: outcome must be one of {', '.join(OUTCOMES)}"
        )
    order = clean.get("stage_order", "")
    if order and not (order.isdecimal() and 0 < int(order) < 1_000_000):
        raise MappingError(f"{path.name}, line {line}: stage_order must be a whole number from 1")
    return clean


def _check_unique(mapping: Mapping, path: Path, rows: list[dict[str, str]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, start=1):
        key = tuple(row[name] for name in mapping.key)
        if key in seen:
            raise MappingError(
                f"{path.name}, row {number}: stands there twice (upper and lower case are one)"
            )
        seen.add(key)


def _write_if_new(path: Path, text: str) -> None:
    """dbt parses anew what changed: leave alone what did not."""
    if not path.is_file() or path.read_text() != text:
        durable.write(path, [text.encode()])
