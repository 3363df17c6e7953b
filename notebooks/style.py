"""The look of a page, and of a notebook that is open in Jupyter."""

from __future__ import annotations

from pathlib import Path

from notebooks.figures import Html

TEMPLATES = Path(__file__).resolve().parent / "template"


def page_style() -> str:
    """The CSS of a page."""
    return _read("colours.css") + _read("page.css")


def notebook_style() -> Html:
    """The same for what cells show in Jupyter, which keeps its own look around them."""
    return Html(
        f"<style>{_read('colours.css')}.jp-OutputArea-output {{{_read('page.css')}}}</style>"
    )


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
