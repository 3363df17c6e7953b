import re

from notebooks.style import notebook_style, page_style


def test_every_colour_is_a_variable_that_is_defined_for_light_and_dark():
    css = page_style()
    used = set(re.findall(r"var\((--[a-z0-9-]+)", css)) - {"--share"}
    light, dark = (set(re.findall(r"(--[a-z0-9-]+):", part)) for part in css.split("@media")[:2])
    assert used <= light
    assert light - {"--ground"} <= dark | {"--ground"}


def test_nothing_is_loaded_by_the_style():
    assert not re.search(r"url\(|@import|http", page_style())


def test_in_jupyter_the_rules_reach_only_what_cells_show():
    html = notebook_style()._repr_html_()
    assert html.index(".jp-OutputArea-output {") < html.index(".bars")
    assert ":root" in html.split(".jp-OutputArea-output")[0]
