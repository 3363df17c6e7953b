import re
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from notebooks import charts

MONTHS = pd.DataFrame(
    {
        "month": pd.to_datetime(["2026-05-01", "2026-07-01"]),
        "rate": [0.2, 0.4],
        "low": [0.1, 0.2],
        "high": [0.3, 0.6],
        "is_mature": [True, False],
        "is_small": [False, True],
    }
)
BINS = pd.DataFrame({"from_day": [0, 10], "to_day": [10, 20], "count": [3, 5]})


RISE = pd.DataFrame(
    {"days": [0, 30, 180], "share": [0, 0.1, None], "low": [0, 0.05, None], "high": [0, 0.2, None]}
)


@pytest.fixture(params=["months", "histogram", "incidence"])
def chart(request):
    if request.param == "months":
        return charts.monthly_rates(MONTHS, "rate")
    if request.param == "incidence":
        return charts.incidence(RISE)
    return charts.histogram(BINS, 12.0, "hires")


def svgs(html):
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]  # noqa: S314 - ours


def test_a_chart_is_drawn_for_a_wide_page_and_for_a_phone(chart):
    html = charts.drawn("key", "What it says", chart)
    assert html.startswith('<div class="wide">')
    wide, narrow = (float(svg.get("viewBox").split()[2]) for svg in svgs(html))
    assert narrow < 380 < wide


def test_each_is_one_image_with_one_description(chart):
    for svg in svgs(charts.drawn("key", 'More than "12" < 20', chart)):
        assert svg.get("role") == "img"
        assert svg.get("aria-label") == 'More than "12" < 20'
        assert not [part for part in svg.iter() if part is not svg and part.get("role")]


def test_colours_are_the_pages_so_dark_mode_reaches_them(chart):
    html = charts.drawn("key", "says", chart)
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', html))
    assert {c for c in colours if not c.startswith("var(--")} <= {"none", "transparent"}


def test_a_chart_is_alike_to_the_byte_every_time(chart):
    assert charts.drawn("key", "says", chart) == charts.drawn("key", "says", chart)


def test_a_month_without_applications_keeps_its_place():
    assert "Jun 2026" in charts.drawn("key", "says", charts.monthly_rates(MONTHS, "rate"))


def test_ids_belong_to_the_figure():
    html = charts.drawn("one", "says", charts.histogram(BINS, 12.0, "hires"))
    assert all(each.startswith("one-") for each in re.findall(r'\bid="([^"]+)"', html))


def test_no_data_is_no_chart():
    assert charts.drawn("key", "says", charts.monthly_rates(MONTHS.head(0), "rate")) == ""
    assert charts.drawn("key", "says", charts.histogram(BINS.head(0), None, "hires")) == ""
    assert charts.drawn("key", "says", charts.incidence(RISE.head(0))) == ""


def test_a_small_curve_ends_where_it_is_cut_as_high_as_it_was():
    curve = pd.DataFrame(
        {
            "day": [0.0, 10.0, 90.0],
            "at_risk": [50, 50, 20],
            "survival": [1.0, 0.5, 0.2],
            "survival_low": [1.0, 0.4, 0.1],
            "survival_high": [1.0, 0.6, 0.3],
        }
    )
    (svg,) = svgs(charts.small("stay", "says", curve, 40.0))
    line = svg.find(".//*[@stroke='var(--series-1)']")
    # 240 x 120 pixels for 40 days and a share of 1: down to half at day 10, and on to the edge.
    assert line.get("d") == "M0,0L60,0L60,60L240,60L240,60"
