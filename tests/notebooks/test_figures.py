import re
from base64 import b64decode

import pandas as pd

from notebooks import figures
from notebooks.figures import Facts, Figure, choice, facts_of

FACTS = Facts("2026-10-31 12:00 UTC", "2026-05-14", ("country: IE",))


def figure(**given):
    return (
        Figure(
            **{
                "key": "hired",
                "title": "Hired, by job",
                "drawing": "<b>drawn</b>",
                "says": "In a sentence.",
                "data": pd.DataFrame({"job": ["Nurse"], "hired": [3]}),
            }
            | given
        )
        .show(FACTS)
        .html
    )


def test_a_figure_says_unit_date_window_n_and_as_of():
    html = figure(n=1234, window="May 2026", unit="hires", dated="month of application")
    facts = re.search(r'<p class="facts">(.*?)</p>', html)[1]
    assert facts == (
        "Counts hires · dated by month of application · May 2026 · n = 1,234"
        " · as of 2026-10-31 12:00 UTC · events received since 2026-05-14 · country: IE"
    )


def test_filters_that_a_figure_cannot_follow_are_named():
    assert "not narrowed by source" in figure(ignored=("source",))


def test_the_data_is_there_as_table_and_as_csv():
    html = figure()
    assert "<td><bdi>Nurse</bdi></td>" in html
    assert '<td class="number">3</td>' in html
    link = re.search(
        r'download="hired.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)"', html
    )
    assert b64decode(link[1]).decode("utf-8-sig") == "job,hired\r\nNurse,3\r\n"


def test_a_very_long_table_is_cut_in_the_csv_too_and_says_so(monkeypatch):
    monkeypatch.setattr(figures, "MOST_IN_CSV", 2)
    short, long = (figure(data=pd.DataFrame({"job": range(n)})) for n in (2, 3))
    assert "hiring query" not in short
    assert "Data (3 rows)" in long
    assert "(the first 2 rows; `hiring query` gives all)" in long
    assert b64decode(re.search(r"base64,([^\"]+)", long)[1]) == b"\xef\xbb\xbfjob\r\n0\r\n1\r\n"


def test_without_data_there_is_neither_drawing_nor_table():
    html = figure(data=pd.DataFrame({"job": []}))
    assert "Nothing to show yet" in html
    assert "drawn" not in html
    assert "<details>" not in html


def test_titles_sentences_and_notes_are_text():
    html = figure(title="<i>", says="<i>", notes=("<i>",), window="<i>")
    assert "<i>" not in html


def test_panels_carry_their_name_as_text():
    html = choice("Job", [('"><script>', "one"), ("Koch", "two")])
    assert "<script>" not in html
    assert html.count('class="panel"') == 2


def test_facts_come_from_the_published_file(opened):
    assert facts_of(opened) == Facts("2026-10-31 12:00 UTC", "2026-05-14")


def test_before_the_first_event_the_facts_say_so(publish):
    from notebooks.published import Published

    with Published.open(publish(as_of=None)) as data:
        assert facts_of(data).as_of == "no event received yet"
