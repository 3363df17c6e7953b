from datetime import date

import pandas as pd

from notebooks.overview import attention, tiles
from notebooks.periods import Period

PERIOD = Period(date(2026, 8, 3), date(2026, 10, 31))


def applications(applied, ended, hired, days=20.0):
    rows = [(True, False, False, None)] * (applied - ended)
    rows += [(True, True, False, None)] * (ended - hired) + [(True, True, True, days)] * hired
    return pd.DataFrame(rows, columns=["applied", "ended", "hired", "days"])


def test_tiles_tell_the_period_and_the_one_before():
    html = tiles(applications(120, 100, 20), applications(100, 80, 8, 30.0), 33, PERIOD).html
    assert '<span class="figure">120</span><span class="detail">before: 100 (+20%)' in html
    assert '<span class="figure">20</span><span class="detail">before: 8</span>' in html
    assert "20.0 days" in html
    assert "before: 30.0 days" in html
    assert (
        '<span class="figure">20%</span><span class="detail">13%–29%, 20 of 100; before: 10%'
        in html
    )
    assert '<span class="figure">33</span>' in html


def test_a_change_against_a_few_is_no_percentage():
    assert "(+" not in tiles(applications(50, 0, 0), applications(9, 0, 0), 0, PERIOD).html


def test_nothing_yet_is_a_dash_and_never_zero_days_or_zero_percent():
    html = tiles(applications(0, 0, 0), applications(0, 0, 0), 0, PERIOD).html
    assert html.count('<span class="figure">–</span>') == 2
    assert "nan" not in html


def test_figures_that_stand_on_a_few_are_grey_and_say_so():
    html = tiles(applications(50, 9, 3), applications(50, 9, 3), 0, PERIOD).html
    assert html.count("few") == 2


def test_attention_says_only_what_there_is():
    html = attention([(0, "never"), (2, "2 jobs <b>stand</b> still.")]).html
    assert "never" not in html
    assert "2 jobs &lt;b&gt;stand&lt;/b&gt; still." in html
    assert "Nothing needs attention" in attention([(0, "never")]).html
