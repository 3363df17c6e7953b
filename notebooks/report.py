"""`hiring report`: all notebooks over one and the same published file, then switched in whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat

from contract import durable
from notebooks.filters import Filters
from notebooks.kernel import ROOT, Kernel, NotebookFailed, shared_kernel
from notebooks.page import Page, failed_page, page_of, single, together

PAGES = {
    "hiring_funnel": "Hiring funnel",
    "time_to_hire": "Time to hire",
    "sources": "Sources",
    "jobs": "Jobs",
    "data_quality": "Data quality",
}
LATEST = "latest"
KEPT = 10  # reports kept beside the newest; older ones are removed
_SCRATCH = ".report-"
_FOLDER = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750  # the analysts' group reads


@dataclass(frozen=True)
class Report:
    """What a run made. path: report.html. failed: page -> why. pages: all that were tried."""

    path: Path
    pages: tuple[str, ...]
    failed: dict[str, str]
    seconds: float


def report(
    published: Path,
    out: Path,
    *,
    filters: Filters = Filters(),  # noqa: B008  frozen
    timezone: str = "UTC",
    group: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Write report.html and one page a notebook to a new folder of `out`, then switch `latest`.

    A notebook that fails has a page that says so and does not keep the others from being made.
    group: the Unix group that may read it. progress is called with the name of each page when it
    is begun. Raises FileNotFoundError when nothing is published yet, LookupError when there is no
    such group and PermissionError when it may not be given.
    """
    begun = monotonic()
    if not published.is_file():
        raise FileNotFoundError(f"{published}: nothing is published yet; run `hiring sync`")
    out = out.absolute()  # the kernel works in another folder
    durable.make_directory(out, _FOLDER_MODE)
    _sweep(out)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=out) as folder:
        scratch = Path(folder)
        parameters: dict[str, Any] = {
            "published": str(_own_view(published, scratch)),
            "filters": filters.parameters(),
            "timezone": timezone,
        }
        with shared_kernel(scratch) as kernel:
            pages, failed = _run_all(kernel, scratch, parameters, progress)
        ready = _write(pages, failed, scratch / "ready")
        _open_to(group, out, ready)
        made = _free_name(out, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        ready.rename(made)
        durable.sync_directory(out)
    _switch(out, made)
    _forget_old(out)
    return Report(made / "report.html", tuple(PAGES), failed, monotonic() - begun)


def _own_view(published: Path, scratch: Path) -> Path:
    """The file as it is now, under a name of ours: a publish meanwhile renames over the other."""
    own = scratch / "hiring.duckdb"
    try:
        own.hardlink_to(published)
    except OSError:  # another filesystem, or not our file
        shutil.copyfile(published, own)
    return own


def _run_all(
    kernel: Kernel,
    scratch: Path,
    parameters: dict[str, Any],
    progress: Callable[[str], None] | None,
) -> tuple[list[Page], dict[str, str]]:
    pages, failed = [], {}
    for name, title in PAGES.items():
        if progress:
            progress(name)
        try:
            executed = kernel.run(ROOT / f"{name}.ipynb", scratch / f"{name}.ipynb", parameters)
            pages.append(page_of(name, title, executed))
        except NotebookFailed as error:
            failed[name] = error.reason or error.error
            pages.append(failed_page(name, title, failed[name]))
    return pages, failed


def _write(pages: list[Page], failed: dict[str, str], ready: Path) -> Path:
    """Write the pages into a folder that has no name yet: it gets one when all is there."""
    now = datetime.now(UTC)
    foot = (
        f"Made {now:%Y-%m-%d %H:%M} UTC. Works without a network; nothing is loaded from outside."
    )
    for page in pages:
        _put(ready / f"{page.name}.html", single(page, pages, foot))
    _put(ready / "report.html", together(pages, foot))
    for name in failed:  # for whoever mends it: the cell and the whole error
        with suppress(FileNotFoundError):
            executed = nbformat.read(ready.parent / f"{name}.ipynb", as_version=4)
            _put(ready / f"{name}.failed.ipynb", nbformat.writes(executed))
    return ready


def _put(path: Path, text: str) -> None:
    durable.write(path, [text.encode()])


def _open_to(group: str | None, out: Path, ready: Path) -> None:
    """What analysts may read is opened to them here, whatever the umask of the process."""
    for path in (out, ready, *ready.iterdir()):
        if group:
            shutil.chown(path, group=group)
        path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)


def _free_name(out: Path, stamp: str) -> Path:
    made, number = out / stamp, 1
    while made.exists():
        number += 1
        made = out / f"{stamp}-{number}"
    return made


def _switch(out: Path, made: Path) -> None:
    """Point `latest` at the new folder in one step: a reader finds the old report or the new."""
    link = out / f"{_SCRATCH}{os.getpid()}.link"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    link.replace(out / LATEST)
    durable.sync_directory(out)


def _forget_old(out: Path) -> None:
    made = sorted(path for path in out.iterdir() if _FOLDER.fullmatch(path.name))
    current = (out / LATEST).resolve()
    for path in made[: -KEPT - 1]:
        if path != current:
            shutil.rmtree(path)


def _sweep(out: Path) -> None:
    """Remove what killed runs left; a run that is going on is younger than an hour."""
    for path in out.glob(f"{_SCRATCH}*"):
        with suppress(FileNotFoundError):
            if datetime.now(UTC).timestamp() - path.lstat().st_mtime < 3600:
                continue
            path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)
