import re

import pandas as pd

from notebooks import bars, text

HOSTILE = "<script>alert(1)</script>"


def widths(html):
    return re.findall(r'<i style="width:([0-9.]+)%"', html)


def test_a_rate_bar_is_as_long_as_its_rate_with_k_n_and_interval_beside():
    data = pd.DataFrame({"stage": ["Applied"], "k": [30], "n": [40]})
    html = bars.rate_bars(data, "stage", "k", "n")
    assert widths(html) == ["75.00"]
    assert "30 of 40 (75%) <small>60%–86%</small>" in html  # Wilson 0.598-0.858


def test_fewer_than_ten_is_grey_and_says_few():
    data = pd.DataFrame({"stage": ["a", "b"], "k": [1, 1], "n": [9, 10]})
    html = bars.rate_bars(data, "stage", "k", "n")
    assert html.count("<li class=pale>") == html.count("few") == 1


def test_immature_rows_are_marked():
    data = pd.DataFrame({"stage": ["a"], "k": [5], "n": [20], "immature": [True]})
    assert "still open" in bars.rate_bars(data, "stage", "k", "n", "immature")


def test_a_rate_of_nothing_has_no_bar():
    data = pd.DataFrame({"stage": ["a"], "k": [0], "n": [0]})
    html = bars.rate_bars(data, "stage", "k", "n")
    assert widths(html) == []
    assert "0 of 0" in html


def test_counts_are_drawn_against_the_largest():
    data = pd.DataFrame({"job": ["a", "b"], "n": [50, 25]})
    assert widths(bars.count_bars(data, "job", "n")) == ["100.00", "50.00"]
    assert widths(bars.count_bars(data.assign(n=0), "job", "n")) == ["0.00", "0.00"]


def test_durations_of_a_few_show_neither_interval_nor_ninth_tenth():
    data = pd.DataFrame(
        {
            "job": ["many", "few"],
            "n": [20, 9],
            "median": [10.0, 90.0],
            "low": [8.0, 1.0],
            "high": [12.0, 99.0],
            "p90": [30.0, 95.0],
        }
    )
    many, few = bars.duration_bars(data, "job").split("</li>")[:2]
    assert "10.0 days <small>8.0–12.0 · 90% ≤ 30.0 · n\u00a0=\u00a020" in many
    assert "<u " in many
    assert "90.0 days <small>n\u00a0=\u00a09" in few
    assert "<u " not in few
    assert widths(many) == ["11.11"]  # 10 of 90 days


def test_names_from_outside_are_text():
    data = pd.DataFrame(
        {
            "x": [HOSTILE],
            "k": [1],
            "n": [1],
            "mark": [False],
            "median": 1.0,
            "low": 1.0,
            "high": 1.0,
        }
    ).assign(p90=1.0)
    for html in (
        bars.rate_bars(data, "x", "k", "n"),
        bars.share_bars(data, "x", "k", "n"),
        bars.count_bars(data, "x", "k"),
        bars.duration_bars(data, "x"),
        bars.estimate_bars(data.assign(value=0.5, beside=HOSTILE), "x", text.percent),
        bars.side([(HOSTILE, "")]),
    ):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_estimates_are_drawn_on_one_scale_with_their_interval():
    data = pd.DataFrame(
        {
            "stage": ["a", "b"],
            "value": [2.0, None],
            "low": [1.0, None],
            "high": [4.0, None],
            "n": [50, 3],
            "beside": ["finished 1.5 days", ""],
        }
    )
    known, unknown = bars.estimate_bars(data, "stage", text.days).split("</li>")[:2]
    assert widths(known) == ["50.00"]  # 2 of 4 days
    assert "2.0 days <small>1.0–4.0 days · finished 1.5 days · n\u00a0=\u00a050</small>" in known
    assert widths(unknown) == []
    assert "– <small>n\u00a0=\u00a03</small>" in unknown
    assert "few" in unknown


def test_shares_are_drawn_on_the_whole():
    data = pd.DataFrame({"x": ["a"], "value": 0.25, "low": 0.2, "high": 0.3, "n": 50, "beside": ""})
    assert widths(bars.estimate_bars(data, "x", text.percent)) == ["25.00"]
