"""Every figure of every page, as a browser without a network shows it, equals a query in SQL."""

import csv
import io
import math
import re
from base64 import b64decode

import duckdb
import pytest

from tests.notebooks.figure_queries import PRELUDE, QUERIES

pytestmark = pytest.mark.browser

# Of each figure: its CSV, the cells of its table, and what stands beside each bar and in each cell
# of a shaded table, with the names that go with it.
LOOK = """
figures => figures.map(figure => {
  const text = node => node.textContent.trim();
  const link = figure.querySelector('a[download]');
  const details = figure.querySelector('details table');
  const drawing = figure.querySelector('.drawing');
  const head = [...drawing.querySelectorAll('.heat thead th')].map(text);
  return {
    key: figure.id,
    csv: link ? link.href.split(',')[1] : null,
    table: details ? [...details.rows].map(row => [...row.cells].map(text)) : [],
    bars: [...drawing.querySelectorAll('.bars li')].map(bar =>
      [text(bar.querySelector('.name bdi')), text(bar.querySelector('.value'))]),
    shades: [...drawing.querySelectorAll('.heat tbody tr')].flatMap(row =>
      [...row.querySelectorAll('td')].map((cell, place) =>
        [text(row.querySelector('bdi')), head[place + 1], text(cell)])),
  };
})
"""


def value(cell):
    """A value of a CSV or of a query in one form: None, a number or text."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, str) and cell.startswith("'"):
        return cell[1:]  # what keeps a spreadsheet from running text as a formula
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return str(cell)
    if math.isnan(number):
        return None
    return int(number) if number.is_integer() else number


def in_order(rows):
    """Rows are told apart by their texts and whole numbers."""
    return sorted(rows, key=lambda row: [str(each) for each in row if not isinstance(each, float)])


def alike(one, other, tolerance=1e-8):
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-12)
    return one == other


@pytest.fixture(scope="module")
def figures(browser, company_report):
    """Figure -> what a browser sees of it, its CSV read."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(company_report.path.as_uri())
    seen = page.locator("figure").evaluate_all(LOOK)
    context.close()
    return {figure["key"]: figure | {"rows": read(figure["csv"])} for figure in seen}


def read(content):
    text = b64decode(content).decode("utf-8-sig") if content else ""
    return [
        {name: value(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


@pytest.fixture(scope="module")
def ask(company_published):
    with duckdb.connect(company_published, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(PRELUDE)
        yield connection.execute


def test_every_figure_of_every_page_has_a_query(figures, company_report):
    assert company_report.failed == {}
    assert sorted(figures) == sorted(QUERIES)
    for name in company_report.pages:
        html = company_report.path.with_name(f"{name}.html").read_text(encoding="utf-8")
        alone = dict(re.findall(r'download="([^"]+)\.csv" href="[^"]*,([^"]+)"', html))
        assert alone
        assert alone == {key: figures[key]["csv"] for key in alone}


@pytest.mark.parametrize("key", QUERIES)
def test_a_figure_equals_its_query(figures, ask, key):
    answer = ask(QUERIES[key])
    columns = [name for name, *_ in answer.description]
    expected = in_order([tuple(map(value, row)) for row in answer.fetchall()])
    assert expected, "a figure of nothing shows nothing"
    rows = figures[key]["rows"]
    assert sorted(rows[0]) == sorted(columns)
    shown = in_order([tuple(row[name] for name in columns) for row in rows])
    assert len(shown) == len(expected)
    different = [
        (row, other)
        for row, other in zip(shown, expected, strict=True)
        if not all(map(alike, row, other))
    ]
    assert different == []


@pytest.mark.parametrize("key", QUERIES)
def test_the_table_shows_what_the_csv_holds(figures, key):
    head, *body = figures[key]["table"]
    rows = figures[key]["rows"]
    assert head == list(rows[0])
    assert len(body) == min(len(rows), 200)
    for cells, row in zip(body, rows, strict=False):
        for cell, held in zip(cells, row.values(), strict=True):
            assert alike(shown(cell, held), held, tolerance=5e-4)


def shown(cell, held):
    """What a cell of the table says, as the kind of value that the CSV holds."""
    if held is None:
        return None if cell == "–" else cell
    if isinstance(held, int | float):
        return value(cell.replace(",", ""))
    return {"yes": "True", "no": "False"}.get(cell, cell)


def test_what_stands_beside_a_bar_or_in_a_shade_is_in_the_data(figures):
    looked_at = 0
    for figure in figures.values():
        said = [*figure["bars"], *figure["shades"]]
        rows = figure["rows"] + totals(figure["rows"])
        wrong = [each for each in said if not any(tells(row, *each) for row in rows)]
        assert wrong == [], figure["key"]
        looked_at += len(said)
    assert looked_at > 500


def totals(rows):
    """What rows of one check or the like come to together."""
    sums = {}
    for row in rows:
        for name in (each for each in row.values() if isinstance(each, str)):
            sums[name] = sums.get(name, 0) + row["n"] if "n" in row else 0
    return [{"name": name, "n": total} for name, total in sums.items()]


def tells(row, *said):
    """Whether a row of the data has these names and the figures that are said of them."""
    *names, text = said
    if not all(name in row.values() for name in names):
        return text == "–" and names[0] in row.values()
    numbers = [each for each in row.values() if isinstance(each, int | float)]
    text = text.replace(",", "")
    if counts := re.search(r"(\d+) of (\d+)", text):
        return {int(each) for each in counts.groups()} <= set(numbers)
    if days := re.match(r"([\d.]+) day", text):
        return any(f"{number:.1f}" == days[1] for number in numbers)
    if share := re.match(r"([\d.]+)%", text):
        return any(abs(100 * number - float(share[1])) <= 0.5 for number in numbers)
    return text.startswith("–") or int(text) in numbers


def test_one_changed_value_would_be_seen(ask):
    """The control of this page's own comparison."""
    rows = [tuple(map(value, row)) for row in ask(QUERIES["stage-days"]).fetchall()]
    changed = [
        (name, *(n * (1 + 1e-7) if isinstance(n, float) else n for n in rest))
        for name, *rest in rows
    ]
    assert all(alike(*each) for each in zip(rows[0], rows[0], strict=True))
    assert not all(alike(*each) for each in zip(rows[0], changed[0], strict=True))
