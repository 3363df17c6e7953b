import re

import pandas as pd

from notebooks import stays


def curve(stage, *rows):
    names = ["day", "at_risk", "survival", "survival_low", "survival_high"]
    data = pd.DataFrame([(*row, row[2], row[2]) for row in rows], columns=names)
    return data.assign(stage=stage)


FALLING = curve("Screening", (0.0, 40, 1.0), (1.5, 40, 0.75), (3.0, 28, 0.4), (50.0, 9, 0.25))


def test_levels_are_the_first_days_with_so_many_left_or_fewer():
    found = stays.levels(FALLING)
    assert found["level"].tolist() == [0.75, 0.5, 0.25, 0.1]
    assert found["day"].tolist()[:3] == [1.5, 3.0, 50.0]
    assert found["at_risk"].tolist()[:3] == [40, 28, 9]
    assert found.iloc[3].isna().tolist() == [False, True, True]


def test_curves_are_drawn_as_far_as_ten_are_followed_and_all_of_those_that_never_had_ten():
    few = curve("Offer", (0.0, 4, 1.0), (80.0, 1, 0.5))
    assert stays.last_day(pd.concat([FALLING, few])) == 3.0
    assert stays.last_day(few) == 80.0


def test_the_stages_with_most_stays_are_drawn_in_the_order_of_the_funnel():
    many = [curve(f"Stage {n}", (0.0, n % 7, 1.0), (1.0, 1, 0.0)) for n in range(14)]
    drawn = stays.largest(pd.concat(many))["stage"].unique().tolist()
    assert len(drawn) == stays.MOST
    assert drawn == sorted(drawn, key=lambda stage: int(stage.split()[1]))
    assert not {"Stage 0", "Stage 7"} & set(drawn)


def test_a_stage_that_all_leave_at_once_is_no_curve():
    at_once = curve("Hired", (0.0, 90, 0.0))
    assert stays.largest(pd.concat([FALLING, at_once]))["stage"].unique().tolist() == ["Screening"]
    assert (
        stays.drawing(stays.largest(at_once))
        == '<div class="curves"><div class="side"></div></div>'
    )


def test_a_curve_is_told_in_words_and_its_few_are_pale():
    html = stays.drawing(FALLING)
    assert "Screening, 40 stays" in html
    assert (
        'aria-label="Still in Screening: 75% after 1.5 days, 50% after 3.0 days, 25% after' in html
    )
    rows = re.findall(r"<tr( class=pale)?><th scope=.row.>(.*?)</th><td>(.*?)</td><td>(.*?)<", html)
    assert rows == [
        ("", "75%", "1.5 days", "40"),
        ("", "50%", "3.0 days", "28"),
        (" class=pale", "25%", "50.0 days", "9"),
        (" class=pale", "10%", "–", "–"),
    ]


def test_text_in_a_stage_is_no_markup():
    html = stays.drawing(curve('"><script>', (0.0, 40, 1.0), (1.0, 40, 0.2)))
    assert "<script>" not in html
