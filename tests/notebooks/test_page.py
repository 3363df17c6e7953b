import re
from base64 import b64encode
from hashlib import sha256

import nbformat

from notebooks.page import Page, failed_page, page_of, single, together

PAGES = [Page("one", "One", "<h1>One</h1><h3>f</h3>"), Page("two", "Two & more", "<h1>Two</h1>")]


def test_one_script_is_allowed_and_it_is_the_one_of_the_page():
    html = single(PAGES[0], PAGES, "foot")
    script = re.search(r"<script>(.*)</script>", html, re.DOTALL)[1]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html


def test_a_page_links_to_the_others_and_marks_itself():
    html = single(PAGES[1], PAGES, "foot")
    assert 'href="one.html">One<' in html
    assert 'href="two.html" aria-current="page">Two &amp; more<' in html
    assert 'href="report.html"' in html


def test_all_pages_together_need_no_other_file_and_have_one_first_heading():
    html = together(PAGES, "foot")
    assert re.findall(r'href="([^"]+)"', html) == ["#main", "#one", "#two"]
    assert html.count("<h1") == 1
    assert "<h2>One</h2><h4>f</h4>" in html


def test_a_failed_page_says_why_as_text():
    assert "&lt;b&gt;" in failed_page("x", "X", "<b>").body


def test_a_page_shows_text_and_html_of_cells_and_nothing_else():
    code, html = nbformat.v4.new_code_cell, {"text/html": "<p>figure</p>", "text/plain": "plain"}
    shown = code("source", outputs=[nbformat.v4.new_output("execute_result", data=html)])
    loud = code("x", outputs=[nbformat.v4.new_output("stream", text="a warning", name="stderr")])
    hidden = code("y", outputs=[nbformat.v4.new_output("display_data", data=html)])
    hidden.metadata["tags"] = ["hidden"]
    cells = [nbformat.v4.new_markdown_cell("# Title"), shown, loud, hidden]
    body = page_of("x", "X", nbformat.v4.new_notebook(cells=cells)).body
    assert "Title</h1>" in body
    assert body.count("<p>figure</p>") == 1
    for absent in ("source", "plain", "a warning"):
        assert absent not in body
