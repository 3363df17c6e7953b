"""The data dictionary in a real browser with the network off, and where its words come from."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.warehouse.history import Query, candidate, created, day, job
from warehouse.dictionary import read, unit, write_dictionary
from warehouse.query import QueryFailed, examples

HISTORY = [
    created("a", "j", day(0), status="new", step="Applied"),
    candidate("a", "j", day(9), status="hired", step="Applied"),
    job("j", day(0), title="Cook"),
]


@pytest.fixture(scope="module")
def published(built: Query, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (row,) = built("select path from duckdb_databases() where database_name = 'hiring'")
    return Path(row["path"])


@pytest.fixture(scope="module")
def page_file(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dictionary(published, tmp_path_factory.mktemp("page") / "dictionary.html")


@pytest.fixture
def open_page(browser, page_file: Path):
    """Opens the page offline; fails the test at its end if anything was requested or logged."""
    contexts, complaints = [], []

    def open_page(path: Path = page_file, **options) -> Page:
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url[:80]))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_the_words_are_the_comments_of_the_file(published: Path, tmp_path: Path) -> None:
    changed = tmp_path / "hiring.duckdb"
    changed.write_bytes(published.read_bytes())
    with duckdb.connect(str(changed)) as connection:
        connection.execute("comment on column jobs.title is 'Another word.'")
    tables, _, _ = read(changed)
    (jobs,) = (table for table in tables if table.name == "jobs")
    assert [c.comment for c in jobs.columns if c.name == "title"] == ["Another word."]
    assert (jobs.rows, jobs.key) == (1, ("job_uuid",))


def test_every_table_and_column_is_explained_and_every_number_has_a_unit(published: Path) -> None:
    tables, metrics, _ = read(published)
    unexplained = [
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if not column.comment or column.unit is None
    ]
    assert unexplained == []
    assert all(table.comment and table.columns for table in tables)
    names = {table.name for table in tables}
    assert {metric.table for metric in metrics} <= names | {None}
    assert all(any(one.name in table.examples for table in tables) for one in examples())


def test_a_number_of_which_nothing_is_known_has_no_unit() -> None:
    assert unit("something", "DOUBLE") is None
    assert unit("days_to_fill", "DOUBLE") == "days"


def test_nothing_published_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(QueryFailed, match="hiring sync"):
        write_dictionary(tmp_path / "hiring.duckdb", tmp_path / "dictionary.html")


def test_the_group_may_read_it_whatever_the_umask(page_file: Path) -> None:
    assert page_file.stat().st_mode & 0o777 == 0o640


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (768, "dark"), (1280, "light")])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_page(open_page, scheme, width) -> None:
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_search_leaves_what_has_all_the_words(open_page) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("rejected first STATE")
    shown = page.locator("main .entry:visible")
    assert shown.count() == 1
    assert "rejected_at" in shown.first.inner_text()
    assert page.get_by_role("status").inner_text() == "1 found"
    assert page.locator("nav li.entry:visible").all_inner_texts() == ["applications"]
    page.get_by_role("searchbox").fill("")
    assert page.locator("main .group:visible").count() == page.locator("main .group").count()


@pytest.mark.browser
def test_search_by_a_table_shows_all_of_it_and_nothing_says_so(open_page) -> None:
    page = open_page()
    page.get_by_role("searchbox").fill("time_to_fill")
    assert page.locator("#time_to_fill tbody tr:visible").count() == 9
    page.get_by_role("searchbox").fill("no such word")
    assert page.get_by_text("Nothing here has all of these words.").is_visible()


@pytest.mark.browser
def test_text_of_the_file_runs_nothing(open_page, published: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hiring.duckdb"
    hostile.write_bytes(published.read_bytes())
    script = "<script>document.title=1</script><img src=x onerror=alert(1)>"
    with duckdb.connect(str(hostile)) as connection:
        connection.execute(f"comment on table jobs is '{script}'")
    page = open_page(write_dictionary(hostile, tmp_path / "hostile.html"))
    assert page.title() == "Data dictionary of hiring.duckdb"
    assert page.get_by_text(script).count() == 1
