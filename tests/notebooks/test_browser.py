"""The report in a real browser with the network off."""

from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(browser):
    """Open a file offline; fails the test at its end if anything was requested or logged."""
    contexts, complaints = [], []

    def open_page(path, **options):
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"failed {request.url[:80]}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:"))
                else complaints.append(f"request {request.url[:80]}")
            ),
        )
        page.goto(Path(path).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def serious(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["impact"]) for each in found if each["impact"] != "minor"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, made, scheme):
    assert serious(open_page(made.path, color_scheme=scheme)) == []


def test_axe_would_find_a_fault(open_page, made):
    """The control: a picture without text, and text that is too pale."""
    page = open_page(made.path)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        " '<p style=\"color:#ccc;background:#fff\">pale</p><input>')"
    )
    assert {"color-contrast", "label"} <= {name for name, _ in serious(page)}


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_runs_out_of_the_page(open_page, made, hostile_file, width):
    for path in (made.path, hostile_file):
        page = open_page(path, viewport={"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_gets_the_narrow_charts_and_a_desk_the_wide_ones(open_page, made):
    for width, kind in ((360, "narrow"), (1280, "wide")):
        page = open_page(made.path, viewport={"width": width, "height": 800})
        shown = page.locator(".drawing :not(.curves *) > svg:visible")
        assert shown.count() == page.locator(f".{kind} svg").count() > 0
        assert page.locator(".curves svg:visible").count() > 0


def test_text_from_outside_runs_nothing(open_page, hostile_file):
    page = open_page(hostile_file)
    assert page.title() == "Hiring report"
    assert page.locator("img").count() == 0
    assert page.get_by_text("<script>document.title='owned'</script>").count() > 0


def test_right_to_left_names_keep_their_own_direction(open_page, hostile_file):
    bdi = open_page(hostile_file).locator("bdi", has_text="مهندس").first
    assert bdi.evaluate("e => getComputedStyle(e).unicodeBidi") == "isolate"


def test_a_choice_shows_one_panel_and_moves_with_its_like(open_page, made):
    page = open_page(made.path)
    funnel, stays = (page.locator(f"#{key} .choice") for key in ("jobs-funnel", "jobs-stage-days"))
    assert funnel.locator(".panel:visible").count() == 1
    funnel.locator("select").select_option("Cook")
    assert funnel.locator(".panel > h5:visible").count() == 0, "the list says it already"
    for box in (funnel, stays):
        assert box.locator(".panel:visible").get_attribute("data-name") == "Cook"


def test_without_scripts_every_panel_is_there(open_page, made):
    page = open_page(made.path, java_script_enabled=False)
    assert page.locator(".panel:visible").count() == page.locator(".panel").count() > 2
    assert page.locator("select").count() == 0


def test_the_page_can_be_used_with_the_keyboard(open_page, made):
    page = open_page(made.path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_it_prints_without_controls_and_without_cut_figures(open_page, company_report):
    page = open_page(company_report.path)
    page.emulate_media(media="print")
    for control in ("nav", ".chooser", "details"):
        assert page.locator(f"{control}:visible").count() == 0
    assert page.locator("#funnel-reached .panel > h5:visible").inner_text() == "All months"
    breaks = page.locator("figure").evaluate_all(
        "all => all.map(each => getComputedStyle(each).breakInside)"
    )
    assert set(breaks) == {"avoid"}
    # A4 at 96 dpi with margins of 1 cm: a figure that is higher than a page would be cut.
    page.set_viewport_size({"width": 718, "height": 1047})
    heights = page.locator("figure").evaluate_all("all => all.map(each => each.offsetHeight)")
    assert max(heights) < 1047
    overflow = "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert page.locator(".heat, .whole .scroll").evaluate_all(overflow) == 0
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_links_between_the_pages_lead_somewhere(open_page, made):
    page = open_page(made.path.parent / "hiring_funnel.html")
    page.get_by_role("link", name="Jobs").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Jobs"
    page.get_by_role("link", name="All pages").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Hiring report"


def test_a_csv_is_downloaded_offline(open_page, made):
    page = open_page(made.path)
    page.locator("#hired-job summary").click()
    with page.expect_download() as download:
        page.locator("#hired-job a[download]").click()
    assert download.value.suggested_filename == "hired-job.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("job,job_uuid,applications,hired,ended,open,rate,low,high")


DAYS = "epoch(hired_at - applied_at) / 86400"


def test_the_first_screen_equals_a_query(open_page, made, publish_year):
    with duckdb.connect(publish_year, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        period = "between timestamptz '2026-08-03' and timestamptz '2026-11-01'"
        applied, hired, still_open = connection.execute(
            f"select count(*) filter (applied_at {period}), count(*) filter (hired_at {period}),"
            " count(*) filter (outcome = 'open') from applications"
        ).fetchone()
        (median,) = connection.execute(
            f"select median({DAYS}) from applications where hired_at {period}"
        ).fetchone()
    page = open_page(made.path)
    figures = page.locator(".tiles .figure").all_inner_texts()
    assert figures[:3] == [str(applied), str(hired), f"{median:.1f} days"]
    assert figures[4] == str(still_open)
