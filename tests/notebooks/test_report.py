"""The report as a whole, from a published file to pages, through papermill and a real kernel."""

import grp
import os
import re
import shutil
import time
from pathlib import Path

import duckdb
import nbformat
import pytest
from typer.testing import CliRunner

from hiring import app
from notebooks import report as rooms
from notebooks.filters import Filters
from notebooks.report import PAGES, report

PARAMETERS = "published = ''\nfilters = {}\ntimezone = ''"
LOOK = """
import os
from notebooks.figures import Html
ours = [key for key in os.environ if key.startswith("HIRING")]
Html(f"<p>seen: {ours} {'shown' in globals()}</p>")
"""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
NOTEBOOKS = Path(rooms.__file__).parent


def test_every_page_is_made(made):
    assert made.failed == {}
    assert made.pages == tuple(PAGES)
    assert {path.name for path in made.path.parent.iterdir()} == {
        "report.html",
        *(f"{name}.html" for name in PAGES),
    }


def test_latest_points_at_the_whole_report_and_nothing_temporary_stays(made):
    result = made
    out = result.path.parent.parent
    assert (out / "latest" / "report.html").samefile(result.path)
    assert {path.name for path in out.iterdir()} == {"latest", result.path.parent.name}


def test_analysts_of_the_group_may_read_and_others_not(publish_year, tmp_path, monkeypatch):
    """With the umask of the command line; the group is one that the test has anyhow."""
    monkeypatch.setattr(rooms, "PAGES", {"data_quality": "Data quality"})
    group = grp.getgrgid(os.getgid()).gr_name
    before = os.umask(0o077)
    try:
        path = report(publish_year, tmp_path / "reports", group=group).path
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640
    for folder in (path.parent, tmp_path / "reports"):
        assert folder.stat().st_mode & 0o777 == 0o750


def test_a_group_that_does_not_exist_leaves_no_report(publish_year, tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "PAGES", {})
    with pytest.raises(LookupError):
        report(publish_year, tmp_path / "reports", group="no-such-group")
    assert list((tmp_path / "reports").iterdir()) == []


def test_a_page_allows_nothing_from_outside(made):
    html = made.path.read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    links = re.findall(r"""\b(?:src|href|action|srcset)=["']?([^"' >]*)""", html)
    assert links
    assert [link for link in links if not link.startswith(("#", "data:text/csv"))] == []
    assert "url(" not in html.replace("url(#", "")
    assert html.count("<script>") == 1


def test_ids_are_unique_over_the_whole_report(made):
    ids = re.findall(r'\bid="([^"]+)"', made.path.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_nothing_published_yet_makes_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="hiring sync"):
        report(tmp_path / "hiring.duckdb", tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_a_failing_notebook_is_told_and_does_not_take_the_others(
    publish_year, tmp_path, monkeypatch
):
    """Three notebooks fail: a table that is not there, a dead kernel, an error with data in it."""
    monkeypatch.setenv("HIRING_WEBHOOK_TOKENS", "invented-token-0123456789")
    copies = tmp_path / "copies"
    copies.mkdir()
    code = nbformat.v4.new_code_cell
    tag = {"tags": ["parameters"]}
    parameters = code(PARAMETERS, metadata=tag)
    opening = code("from notebooks.published import Published\ndata = Published.open(published)")
    shown = code("from notebooks.figures import Html\nshown = Html('<p>fine</p>')\nshown")
    cells = {
        "missing": [parameters, opening, code("data.query('select * from salaries')")],
        "dies": [parameters, code("import os; os._exit(1)")],
        "secret": [parameters, code("raise ValueError('a value from the data')")],
        "fine": [parameters, opening, shown],
        "looks": [parameters, code(LOOK)],
    }
    for name, content in cells.items():
        notebook = nbformat.v4.new_notebook(cells=content)
        notebook.metadata["kernelspec"] = KERNEL
        nbformat.write(notebook, copies / f"{name}.ipynb")
    monkeypatch.setattr(rooms, "ROOT", copies)
    monkeypatch.setattr(rooms, "PAGES", {name: name.title() for name in cells})

    result = report(publish_year, tmp_path / "reports")

    assert result.failed == {
        "missing": "table salaries is not published yet",
        "dies": "DeadKernelError",
        "secret": "ValueError",
    }
    html = result.path.read_text(encoding="utf-8")
    assert html.count('role="alert"') == 3
    assert "<p>fine</p>" in html
    assert "<p>seen: [] False</p>" in html, "no secret, no variable of the notebook before"
    assert "a value from the data" not in html
    assert (result.path.parent / "missing.failed.ipynb").exists()


def test_a_publish_in_between_changes_no_byte_of_the_report(
    made, publish_year, tmp_path, monkeypatch
):
    """The file is switched when the first notebook starts: all pages show the old one."""
    monkeypatch.setattr(rooms, "PAGES", {name: PAGES[name] for name in ("sources", "jobs")})
    source = tmp_path / "hiring.duckdb"
    shutil.copyfile(publish_year, source)
    newer = tmp_path / "newer"
    shutil.copyfile(publish_year, newer)
    with duckdb.connect(newer) as connection:
        connection.execute("delete from applications")

    told = []

    def progress(page):
        if not told:
            newer.replace(source)
        told.append(page)

    again = report(source, tmp_path / "reports", progress=progress)
    assert told == ["sources", "jobs"]

    for page in told:
        first, second = (
            re.search(rf'<section id="{page}">.*?</section>', each.path.read_text(), re.DOTALL)[0]
            for each in (made, again)
        )
        assert first == second
    with duckdb.connect(source, read_only=True) as connection:
        assert connection.execute("select count(*) from applications").fetchone() == (0,)


def test_filters_reach_the_notebooks_and_stand_on_the_page(publish_year, tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "PAGES", {"hiring_funnel": "Hiring funnel"})
    monkeypatch.chdir(tmp_path)  # a relative folder, as HIRING_HOME is by default
    result = report(publish_year, Path("reports"), filters=Filters(country="FR", source="LinkedIn"))
    html = result.path.read_text(encoding="utf-8")
    assert "source: LinkedIn · country: FR" in html
    assert "not narrowed by source" in html
    assert "Cook" in html
    assert "Nurse" not in html


def test_filters_that_nothing_meets_are_told(publish_year, tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "PAGES", {"hiring_funnel": "Hiring funnel"})
    result = report(publish_year, tmp_path, filters=Filters(job="<no>"))
    assert result.failed == {}
    html = result.path.read_text(encoding="utf-8")
    assert "There is no application with job: &lt;no&gt;." in html


def test_old_reports_go_and_the_newest_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "KEPT", 2)
    for day in range(1, 6):
        (tmp_path / f"2026010{day}T000000Z").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "latest").symlink_to("20260105T000000Z")
    rooms._forget_old(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "20260103T000000Z",
        "20260104T000000Z",
        "20260105T000000Z",
        "latest",
        "mine",
    ]


def test_what_a_killed_run_left_is_swept_but_not_a_run_that_goes_on(tmp_path):
    old, young = tmp_path / ".report-old", tmp_path / ".report-young"
    for folder in (old, young):
        folder.mkdir()
    an_hour_ago = time.time() - 3700
    os.utime(old, (an_hour_ago, an_hour_ago))
    rooms._sweep(tmp_path)
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs_and_thin(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert any("parameters" in cell.metadata.get("tags", []) for cell in code)
    for cell in code:
        assert "def " not in cell.source, "logic belongs in a tested function"
        assert len(cell.source.splitlines()) <= 40


def test_every_notebook_is_a_page_and_nothing_was_written_beside_them(made):
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(PAGES)
    assert not list(NOTEBOOKS.rglob(".ipynb_checkpoints"))


def test_the_command_exits_1_and_names_the_page_that_failed(
    company_published, tmp_path, monkeypatch
):
    monkeypatch.setattr(rooms, "PAGES", {"sources": "Sources", "data_quality": "Data quality"})
    shutil.copyfile(company_published, tmp_path / "hiring.duckdb")
    with duckdb.connect(tmp_path / "hiring.duckdb") as connection:
        connection.execute("drop table data_quality")
    done = CliRunner().invoke(app, ["report"], env={"HIRING_HOME": str(tmp_path)})
    assert done.exit_code == 1, done.output
    assert "pages that failed: data_quality" in done.output
    latest = tmp_path / "reports" / "latest"
    assert "data_quality is not published yet" in (latest / "data_quality.html").read_text()
    assert 'id="source-applications"' in (latest / "report.html").read_text()
