"""Mapping files: shipped defaults, their replacement by the config folder, and wrong files."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.settings import Settings
from tests.warehouse.history import Raw, created, day, reader
from warehouse import mappings
from warehouse.build import build
from warehouse.publish import publish


def configure(settings: Settings, name: str, text: str) -> Path:
    settings.config.mkdir(exist_ok=True)
    path = settings.config / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("mapping", mappings.MAPPINGS, ids=lambda m: m.name)
def test_the_shipped_files_are_right_and_stand_as_they_are_used(mapping: mappings.Mapping) -> None:
    path = mappings.SHIPPED / mapping.file
    assert mappings.normalised(mapping, path) == path.read_text()
    assert path.read_text().count("\n") > 80


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("status_outcomes.csv", "status\nnew\n", "first line must name the columns"),
        ("status_outcomes.csv", "status,outcome\nnew,maybe\n", "line 2: outcome must be one of"),
        (
            "status_outcomes.csv",
            "status,outcome\nnew,open\nNEW ,open\n",
            "row 2: stands",
        ),
        ("status_outcomes.csv", "status,outcome\nnew,open,x\n", "line 2: wrong number of columns"),
        ("status_outcomes.csv", "status,outcome\n\nnew,\n", "line 3: a column is empty"),
        ("stage_map.csv", "step_name,stage,stage_order\nChat,talk,-1\n", "stage_order must be"),
        ("source_map.csv", "source_name,mapped_name\n\xff,x\n", "not a UTF-8 CSV file"),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_and_reason(
    settings: Settings, name: str, text: str, reason: str
) -> None:
    configure(settings, name, "").write_bytes(text.encode("latin-1"))
    with pytest.raises(mappings.MappingError, match=reason) as error:
        mappings.prepare(settings)
    assert str(error.value).startswith(name)


def test_own_files_take_the_place_of_the_shipped_and_rebuild_the_models(
    settings: Settings, fresh_raw: Raw
) -> None:
    fresh_raw.load(
        "1",
        [
            created("c1", "j1", day(0), status="Zugesagt", step="Gespräch", source_name="Ann"),
            created("c2", "j2", day(0), status="new", step="Gespräch", source_name="Indeed"),
        ],
    )
    build(settings)
    publish(settings)
    columns = "select outcome, stage, source_name from applications order by candidate_uuid"
    assert reader(settings.published)(columns) == [
        {"outcome": "unmapped", "stage": "Gespräch", "source_name": "other"},
        {"outcome": "open", "stage": "Gespräch", "source_name": "Indeed"},
    ]
    configure(settings, "status_outcomes.csv", "status,outcome\nZugesagt,hired\n")
    configure(
        settings,
        "stage_map.csv",
        # One step in all jobs, another meaning in j2.
        "step_name,stage,stage_order,job_uuid\ngespräch,interview,3,\nGESPRÄCH,offer,4,j2\n",
    )
    configure(settings, "source_map.csv", "\ufeffsource_name,mapped_name\nann,Referral\n")
    assert build(settings).rebuilt == "changed: mappings"
    publish(settings)
    assert reader(settings.published)(columns) == [
        {"outcome": "hired", "stage": "interview", "source_name": "Referral"},
        {"outcome": "unmapped", "stage": "offer", "source_name": "other"},
    ]
