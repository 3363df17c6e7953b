import pandas as pd

from notebooks import reconciled

# 10 reached it, 2 passed over it, 8 entered it, one of them twice: 9 entries; 6 exits, 3 are left.
ROW = {
    "stage": "Screening",
    "reached": 10,
    "skipped": 2,
    "entered": 8,
    "re_entered": 1,
    "entries": 9,
    "exits": 6,
    "standing": 3,
    "moved_back": 1,
    "transferred": 0,
}


def test_figures_that_follow_from_one_another_add_up():
    counts = pd.DataFrame([ROW, ROW | {"stage": "Interview"}])
    assert reconciled.differing(counts) == []
    assert reconciled.says(counts) == (
        "They add up in all 2 stages: 4 times a stage was passed over, 2 times entered again,"
        " and 6 applications stand in one now."
    )


def test_each_of_the_three_sums_is_looked_at():
    wrong = [ROW | {"stage": each, each: 99} for each in ("skipped", "re_entered", "exits")]
    counts = pd.DataFrame([ROW, *wrong])
    assert reconciled.differing(counts) == ["skipped", "re_entered", "exits"]
    assert reconciled.says(counts).startswith("The figures do not add up in: skipped,")


def test_every_column_of_the_query_is_shown(opened):
    counts = opened.query(reconciled.SQL)
    assert set(counts.columns) == set(reconciled.COLUMNS) == set(ROW)
    assert len(counts) == 4
    assert reconciled.differing(counts) == []


def test_nothing_entered_yet_is_said():
    assert reconciled.says(pd.DataFrame([ROW]).head(0)) == "No application entered a stage yet."
