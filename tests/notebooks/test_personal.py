"""Nothing personal is in a report: its bytes and the data in its links, for every value sent."""

import re
import shutil
from base64 import b64decode, b64encode
from html import unescape

import duckdb
import pytest

from tests.notebooks.company import personal_values


def texts(folder):
    """Each file of a report as text, entities resolved, and each CSV in its links."""
    for path in sorted(folder.iterdir()):
        html = path.read_bytes().decode("utf-8")
        yield path.name, html
        yield path.name, unescape(html)
        for content in re.findall(r"base64,([A-Za-z0-9+/=]+)", html):
            yield path.name, b64decode(content).decode("utf-8")


def found_in(folder, values, published):
    """The values that stand in a report as words of their own, in whatever case.

    published: names of sources; several share them, and one of them names a person.
    """
    wanted = {value.casefold() for value in values}
    anywhere = re.compile("|".join(map(re.escape, sorted(published, key=len, reverse=True))))
    found = set()
    for _, text in texts(folder):
        rest = anywhere.sub(" ", text).casefold()
        candidates = {value for value in wanted if value in rest}
        found |= {
            each for each in candidates if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", rest)
        }
    return found


@pytest.fixture(scope="module")
def values(delivered):
    return personal_values(delivered)


@pytest.fixture(scope="module")
def published(company_published):
    with duckdb.connect(company_published, read_only=True) as connection:
        rows = connection.execute("select distinct source_name from applications").fetchall()
    return {name for (name,) in rows if name}


def test_no_personal_value_of_a_company_is_in_its_report(company_report, values, published):
    kinds = ("@", "+44", "https://files.example.com/", "notice period", "O'Brien")
    assert all(any(kind in value for value in values) for kind in kinds)
    assert len(values) > 1000
    assert found_in(company_report.path.parent, values, published) == set()


def test_a_planted_value_of_each_kind_would_be_found(company_report, values, published, tmp_path):
    """The control: in the page, escaped in the page, in a CSV."""
    folder = tmp_path / "report"
    shutil.copytree(company_report.path.parent, folder)
    page = folder / "sources.html"
    html = page.read_text(encoding="utf-8")
    email = next(value for value in values if "@" in value)
    csv = re.search(r"base64,([A-Za-z0-9+/=]+)", html)[1]
    with_phone = b64encode(b64decode(csv) + b"+44 1632 960042\r\n").decode("ascii")
    html = html.replace(csv, with_phone).replace("</main>", f"<p>{email.upper()} O&#x27;Brien</p>")
    page.write_text(html, encoding="utf-8")
    assert found_in(folder, values | {"+44 1632 960042"}, published) == {
        email,
        "o'brien",
        "+44 1632 960042",
    }
