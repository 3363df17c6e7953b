import csv
import io
from base64 import b64decode
from datetime import UTC, datetime

import pandas as pd
import pytest

from notebooks import text


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0%"), (0.004, "0.4%"), (0.0994, "9.9%"), (0.0996, "10%"), (0.5, "50%"), (1, "100%")],
)
def test_percent_keeps_small_shares_apart(value, said):
    assert text.percent(value) == said


@pytest.mark.parametrize("form", [text.count, text.percent, text.days, text.cell])
@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NaT, pd.NA])
def test_what_is_missing_is_a_dash_and_never_zero(form, nothing):
    assert form(nothing) == "–"


def test_a_share_of_none_says_so_without_dividing():
    assert text.share(0, 0) == "0 of 0"
    assert text.share(12, 40) == "12 of 40 (30%)"


def test_names_are_escaped_and_keep_their_own_direction():
    assert text.name("<script>alert(1)</script>&") == (
        "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&amp;</bdi>"
    )


@pytest.mark.parametrize(
    "hostile",
    ['=HYPERLINK("http://example.test","x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"],
)
def test_a_spreadsheet_never_runs_text_as_a_formula(hostile):
    written = list(csv.reader(io.StringIO(text.csv_text(pd.DataFrame({"job": [hostile]})))))
    assert written[1] == ["'" + hostile]


def test_negative_numbers_stay_numbers_in_csv():
    assert text.csv_text(pd.DataFrame({"days": [-1.5]})).splitlines()[1] == "-1.5"


def test_the_csv_link_holds_the_whole_table_as_utf8_with_a_mark():
    data = pd.DataFrame({"job": ["مهندس, برمجيات"], "at": [datetime(2026, 5, 1, 9, tzinfo=UTC)]})
    kind, content = text.csv_link(data).split(",", 1)
    assert kind == "data:text/csv;charset=utf-8;base64"
    assert b64decode(content).decode("utf-8-sig").splitlines() == [
        "job,at",
        '"مهندس, برمجيات",2026-05-01 09:00:00+00:00',
    ]


def test_a_kind_of_score_is_said_as_people_say_it():
    assert [text.score(kind) for kind in ("ai_score", "total_score")] == ["AI score", "Total score"]
