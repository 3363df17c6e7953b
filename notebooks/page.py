"""From executed notebooks to pages: one file each and one that holds them all."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any

from jinja2 import Environment, FileSystemLoader
from nbconvert import HTMLExporter, TemplateExporter
from nbformat import NotebookNode

from notebooks.style import TEMPLATES, page_style


@dataclass(frozen=True)
class Page:
    """A notebook's page. name: of its file. body: HTML, trusted: all data in it is escaped."""

    name: str
    title: str
    body: str


class _Exporter(HTMLExporter):  # type: ignore[misc]  # nbconvert has no types
    """HTMLExporter parses what it wrote once more, to add what pages without images and inputs do
    not have: that takes longer than all else. So this goes one class further up.
    """

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        body, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return str(body), resources


@cache
def _exporter() -> _Exporter:
    return _Exporter(
        template_name="hiring",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )


def page_of(name: str, title: str, notebook: NotebookNode) -> Page:
    body, _ = _exporter().from_notebook_node(notebook)
    return Page(name, title, body)


def failed_page(name: str, title: str, why: str) -> Page:
    return Page(
        name,
        title,
        f'<div class="text"><h1>{escape(title)}</h1><p class="bad" role="alert">This page could'
        f" not be made: {escape(why)}. The other pages are complete.</p></div>",
    )


def single(page: Page, pages: Sequence[Page], foot: str) -> str:
    """The page as a document of its own."""
    links = [("report.html", "All pages", False)]
    links += [(f"{other.name}.html", other.title, other is page) for other in pages]
    return _document(page.title, f"<section>{page.body}</section>", links, foot)


def together(pages: Sequence[Page], foot: str) -> str:
    """All pages as one document, which can be mailed alone."""
    links = [(f"#{page.name}", page.title, False) for page in pages]
    sections = "".join(
        f'<section id="{escape(page.name)}">{_deeper(page.body)}</section>' for page in pages
    )
    return _document("Hiring report", f"<h1>Hiring report</h1>{sections}", links, foot, "together")


def _deeper(body: str) -> str:
    """Headings one level down: a document has one h1."""
    return re.sub(r"(</?h)([1-5])\b", lambda found: found[1] + str(int(found[2]) + 1), body)


def _document(
    title: str, body: str, links: Sequence[tuple[str, str, bool]], foot: str, kind: str = "single"
) -> str:
    script = (TEMPLATES / "choose.js").read_text(encoding="utf-8")
    shell = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701  bodies are HTML already; what is text is escaped below
    ).get_template("shell.html.j2")
    return shell.render(
        policy=policy(script),
        title=escape(title),
        kind=kind,
        brand="Hiring report",
        style=page_style(),
        script=script,
        links=[
            {"href": escape(href), "text": escape(text), "current": current}
            for href, text, current in links
        ],
        body=body,
        foot=escape(foot),
    )


def policy(script: str) -> str:
    """Nothing from outside, and no script but this one."""
    digest = b64encode(sha256(script.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
