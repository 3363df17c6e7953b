"""The report in a real browser with the network off."""

import csv
import io
import re
from base64 import b64decode
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that a container lacks.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


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
        shown = page.locator(".drawing svg:visible")
        assert shown.count() == page.locator(f".{kind} svg").count() > 0


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


def test_it_prints_without_controls_and_without_cut_figures(open_page, made):
    page = open_page(made.path)
    page.emulate_media(media="print")
    for control in ("nav", ".chooser", "details"):
        assert page.locator(f"{control}:visible").count() == 0
    breaks = page.locator("figure").evaluate_all(
        "all => all.map(each => getComputedStyle(each).breakInside)"
    )
    assert set(breaks) == {"avoid"}
    # A4 at 96 dpi with margins of 1 cm: a figure that is higher than a page would be cut.
    page.set_viewport_size({"width": 718, "height": 1047})
    heights = page.locator("figure").evaluate_all("all => all.map(each => each.offsetHeight)")
    assert max(heights) < 1047
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


ENDED = "outcome in ('hired', 'rejected', 'withdrawn', 'transferred')"
DAYS = "epoch(hired_at - applied_at) / 86400"
MONTH = "date_trunc('month', applied_at at time zone 'UTC')"
# Figure -> its columns, and a query of another hand on hiring.duckdb that gives the same rows.
SAME = {
    "funnel-reached": (
        "stage, reached, of",
        """
        select upper(stage[1]) || stage[2:], sum(reached), (select count(*) from applications)
        from funnel_cohort group by stage union all
        select 'Hired, from any stage', count(*) filter (outcome = 'hired'), count(*)
        from applications
        """,
    ),
    "funnel-passed": (
        "stage, went_on, finished, open, rate",
        """
        select upper(stage[1]) || stage[2:], count(*) filter (exit_kind in ('advanced', 'hired')),
            count(*) filter (exit_kind <> 'open'), count(*) filter (exit_kind = 'open'),
            count(*) filter (exit_kind in ('advanced', 'hired'))
            / count(*) filter (exit_kind <> 'open')
        from stage_visits group by stage
        """,
    ),
    "monthly-hired": (
        "month, applications, hired, ended, open",
        f"""
        select {MONTH}::date, count(*), count(hired_at), count(*) filter ({ENDED}),
            count(*) filter (outcome = 'open')
        from applications group by 1
        """,
    ),
    "hire-days-source": (
        "source, n, median, p90",
        f"""
        select source_name, count(*), median({DAYS}), quantile_cont({DAYS}, 0.9)
        from applications where outcome = 'hired' group by 1
        """,
    ),
    "hire-days-month": (
        "month, n, median",
        f"""
        select strftime({MONTH}, '%b %Y'), count(*), median({DAYS})
        from applications where outcome = 'hired' group by 1
        """,
    ),
    "stage-days": (
        "stage, finished, median_days, open",
        """
        select upper(stage[1]) || stage[2:], count(left_at), 1.5, count(*) - count(left_at)
        from stage_visits group by stage
        """,
    ),
    "hire-incidence": (
        "days, share, low, high",
        """
        select 0, 0, 0, 0 union all
        select unnest([30, 60, 90, 180]), unnest([incidence_30, incidence_60, incidence_90, null]),
            unnest([incidence_30_low, incidence_60_low, incidence_90_low, null]),
            unnest([incidence_30_high, incidence_60_high, incidence_90_high, null])
        from time_to_hire where scope = 'all'
        """,
    ),
    "score-advanced": (
        "score_kind, band, advanced, applications",
        "select score_kind, band, advanced, applications from score_calibration",
    ),
    "hired-job": (
        "job, applications, hired, ended, rate",
        f"""
        select title, count(*), count(hired_at), count(*) filter ({ENDED}),
            count(hired_at) / count(*) filter ({ENDED})
        from applications join jobs using (job_uuid) group by title
        """,
    ),
    "hired-source": (
        "source, applications, hired, ended",
        f"""
        select source_name, count(*), count(hired_at), count(*) filter ({ENDED})
        from applications group by 1
        """,
    ),
    "source-interviewed": (
        "source, interviewed, applications",
        """
        select source_name, count(*) filter (stage in ('interview', 'hired')), count(*)
        from applications group by 1
        """,
    ),
    "sector-hired": (
        "sector, applications, hired",
        """
        select sector_name, count(*), count(hired_at)
        from applications join job_sectors using (job_uuid) group by 1
        """,
    ),
    "jobs-ageing": (
        "job, days_band, open",
        """
        select title, bucket, count(candidate_uuid) from jobs
        cross join (values ('0-7', 0, 8), ('8-14', 8, 15), ('15-30', 15, 31), ('31-90', 31, 91),
            ('90+', 91, 99999)) b(bucket, first, past)
        left join applications a on a.job_uuid = jobs.job_uuid and outcome = 'open'
            and date_diff('second', last_moved_at, (select as_of from freshness)) / 86400 >= first
            and date_diff('second', last_moved_at, (select as_of from freshness)) / 86400 < past
        group by all
        """,
    ),
    "funnel-three": (
        "stage, reached, standing, entries",
        """
        select upper(stage[1]) || stage[2:], (select sum(reached) from funnel_cohort c
            where c.stage = v.stage), count(*) filter (left_at is null),
            count(*) filter (entered_at >= timestamptz '2026-08-01')
        from stage_visits v group by stage
        """,
    ),
    "funnel-source": (
        "source, stage, reached, of",
        """
        select source_name, upper(stages.stage[1]) || stages.stage[2:],
            count(*) filter (list_position(['applied', 'screening', 'interview', 'hired'], a.stage)
                >= place), count(*)
        from applications a cross join (values ('applied', 1), ('screening', 2), ('interview', 3),
            ('hired', 4)) stages(stage, place) group by all
        """,
    ),
    "fill-days": (
        "job, days_to_fill, hires",
        "select title, days_to_fill, hires from jobs join time_to_fill using (job_uuid)",
    ),
    "quality-flags": (
        "what, applications, of",
        """
        select unnest(['Met on its way', 'Order unsure', 'Clock wrong', 'Status unknown',
            'Job unseen', 'Hired before applied', 'No source']), 0,
            (select count(*) from applications)
        """,
    ),
}


@pytest.fixture(scope="module")
def csvs(browser, made):
    """Figure -> the rows of its CSV, as the page holds them."""
    page = browser.new_page()
    page.goto(made.path.as_uri())
    links = page.locator("a[download]").evaluate_all(
        "all => all.map(each => [each.download.replace('.csv', ''), each.href])"
    )
    page.close()
    return {
        key: list(csv.DictReader(io.StringIO(b64decode(link.split(",")[1]).decode("utf-8-sig"))))
        for key, link in links
    }


def alike(value):
    """A value of a CSV or of a query in one form."""
    try:
        return round(float(value), 9)
    except (TypeError, ValueError):
        return str(value or "")


@pytest.mark.parametrize("key", SAME)
def test_every_figure_equals_a_query_of_another_hand(csvs, publish_year, key):
    columns, sql = SAME[key]
    shown = [tuple(alike(row[name]) for name in columns.split(", ")) for row in csvs[key]]
    with duckdb.connect(publish_year, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        expected = [tuple(map(alike, row)) for row in connection.execute(sql).fetchall()]
    assert sorted(shown, key=str) == sorted(expected, key=str)


def test_the_bars_say_what_the_data_says(open_page, made, csvs):
    page = open_page(made.path)
    panel = page.locator("#funnel-reached .panel").first
    said = [re.sub(r"[ ,]", "", each) for each in panel.locator(".value").all_inner_texts()]
    assert said == [
        f"{row['reached']}of{row['of']}({round(100 * int(row['reached']) / int(row['of']))}%)"
        for row in csvs["funnel-reached"]
    ]


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
