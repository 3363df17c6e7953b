import re

import pandas as pd

from notebooks.heat import heat


def test_a_heat_cell_says_k_of_n_and_a_missing_one_is_a_dash():
    data = pd.DataFrame(
        {"month": ["May", "Jun"], "stage": ["a", "b"], "k": [5, 1], "n": [20, 3], "mark": [0, 1]}
    )
    may, june = re.findall(
        r"<tr><th scope=\"row\">.*?</tr>",
        heat(data, "month", "stage", ["a", "b"], "mark", "Months"),
    )
    assert (
        '<td class="share" style="--share:25.00%">25%<small>5 of 20</small></td><td>–</td>' in may
    )
    assert "still open" in june
    assert 'class="pale"' in june


def test_names_from_outside_are_text():
    hostile = "<script>alert(1)</script>"
    data = pd.DataFrame({"x": [hostile], "k": [1], "n": [20], "mark": [False]})
    html = heat(data, "x", "x", [hostile], "mark", hostile)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 3
