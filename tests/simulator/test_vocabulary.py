from __future__ import annotations

from pathlib import Path

from simulator.vocabulary import Vocabulary


def write(folder: Path, statuses: str, steps: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "status_outcomes.csv").write_text("status,outcome\n" + statuses)
    (folder / "stage_map.csv").write_text("step_name,stage,stage_order,job_uuid\n" + steps)


def test_words_are_looked_up_without_regard_to_case_and_blanks(tmp_path: Path) -> None:
    write(tmp_path, "in progress,open\n", "phone call,screening,2,\n")
    words = Vocabulary.read(tmp_path)

    assert words.outcome(" In Progress") == "open"
    assert words.stage("Phone call ") == ("screening", 2)


def test_an_unmapped_step_is_its_own_stage(tmp_path: Path) -> None:
    write(tmp_path, "", "test,assessment,,\n")
    words = Vocabulary.read(tmp_path)

    assert words.stage("Tasting Day") == ("Tasting Day", None)
    assert words.stage("Test") == ("assessment", None)
    assert words.outcome("Parked by panel") == "unmapped"


def test_a_file_in_the_configuration_replaces_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path / "seeds", "new,open\n", "applied,applied,1,\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "status_outcomes.csv").write_text("status,outcome\nnew,rejected\n")

    words = Vocabulary.read(tmp_path / "seeds", tmp_path / "config")

    assert words.outcome("new") == "rejected"
    assert words.stage("applied") == ("applied", 1)


def test_the_shipped_maps_know_the_simulators_words() -> None:
    words = Vocabulary.read()

    assert words.outcome("Unsuccessful") == "rejected"
    assert words.outcome("Withdrew") == "withdrawn"
    assert words.stage("Second Interview")[0] == "interview"
