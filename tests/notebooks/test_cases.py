"""Companies that are empty, tiny, huge or hostile: each has a sensible page."""

import csv
import io
import re
from base64 import b64decode
from html import escape

from tests.notebooks.conftest import FORMULA, SCRIPT


def row(**given):
    base = {"job": "job-1", "month": 5, "day": 3, "reached": 0, "outcome": "rejected"}
    return base | {"days": 20, "source": "Indeed"} | given


def tables(html):
    """Every CSV of the page: key -> rows."""
    found = re.findall(
        r'download="([^"]+)\.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)', html
    )
    return {
        key: list(csv.reader(io.StringIO(b64decode(content).decode("utf-8-sig"))))
        for key, content in found
    }


def check(html):
    """What holds for every page: no error, and nothing shows that has no value."""
    text = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    assert not re.search(r"Traceback|\b(nan|NaN|NaT|inf|undefined)\b", text)
    assert " None " not in text


def test_an_empty_warehouse_says_that_nothing_is_there_yet(render, publish):
    html = render(publish(jobs={}, as_of=None))
    check(html)
    assert "no event received yet" in html
    assert "There is no application yet." in html
    assert html.count("Nothing to show yet") > 10
    assert "(0%)" not in html, "nothing of nothing is no rate"


def test_one_open_application_is_no_rate(render, publish):
    html = render(publish([row(month=10, outcome="open")]), "hiring_funnel")
    check(html)
    assert "1 of 1 (100%)" in html
    assert "0 of 0" in html
    assert 'class="figure">–' in html


def test_no_hires_is_no_time_to_hire(render, publish):
    html = render(
        publish([row(day=1 + n, reached=n % 3) for n in range(20)]), "time_to_hire", "sources"
    )
    check(html)
    assert "No one was hired yet." in html
    assert "0 of 20 (0%)" in html


def test_one_hire_has_a_median_and_no_interval(render, publish):
    html = render(publish([row(reached=3, outcome="hired", days=20)]), "hiring_funnel")
    check(html)
    assert "20.0 days <small>n\u00a0=\u00a01</small>" in html


def test_text_from_outside_is_never_markup(hostile_page):
    check(hostile_page)
    assert "<script>document" not in hostile_page
    assert "<img" not in hostile_page
    assert f"<bdi>{escape(SCRIPT)}</bdi>" in hostile_page
    assert "<bdi>مهندس برمجيات أول</bdi>" in hostile_page


def test_no_cell_of_any_csv_starts_as_a_formula(hostile_page):
    cells = [cell for rows in tables(hostile_page).values() for row in rows for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    for key in ("funnel-reached", "hired-job", "sector-hired", "source-hired"):
        assert any("'" + FORMULA in row for row in tables(hostile_page)[key]), key
    assert [cell for cell in cells if re.match(r"\s*[=+@]|\s*-[^0-9]", cell)] == []


def test_500_jobs_are_all_in_the_data_and_fifty_drawn_in_less_than_a_megabyte(hostile_page):
    found = tables(hostile_page)
    assert len(found["jobs-applications"]) == 1 + 500
    assert len(hostile_page.encode()) < 1_000_000
    assert "has all 500" in hostile_page
