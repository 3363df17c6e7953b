"""Skips that say how to enable what they skip; with CI=true such a skip is a failure."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

CHROMIUM = Path("/usr/bin/chromium")
LONGEST = (
    "end_to_end",
    "warehouse",
    "conformance",
    "privacy",
    "operations",
    "notebooks",
    "pipelines",
)
NEEDS = {
    "browser": (CHROMIUM.exists, "needs chromium: apt-get install chromium"),
    "eatmydata": (lambda: shutil.which("eatmydata"), "needs eatmydata: apt-get install eatmydata"),
    "fiu": (lambda: shutil.which("fiu-run"), "needs fiu-run: apt-get install fiu-utils"),
    "postgres": (
        lambda: list(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        "needs PostgreSQL: apt-get install postgresql",
    ),
    "root": (lambda: os.geteuid() == 0, "needs root: run it with sudo"),
}


def pytest_configure(config: pytest.Config) -> None:
    """What is kept for a user is kept for one run of the tests, and both its workers share it.

    A shell's job in the background ignores interrupts, and so would all that tests start.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="hiring-cache-")
        config.add_cleanup(folder.cleanup)
        os.environ["XDG_CACHE_HOME"] = folder.name


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among workers the longest rooms begin, and short ones fill what is left at the end."""
    if hasattr(config, "workerinput"):
        places = {name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(room(item.nodeid), len(places)))


class RoomByRoom(LoadScopeScheduling):
    """A room's tests run in one process, so that what a session makes is made once.

    `--dist loadgroup` would do, but pytest 9.2 and xdist 3.8 together lose the groups, silently.
    """

    def _split_scope(self, nodeid: str) -> str:
        return room(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> RoomByRoom:
    config.option.loadscopereorder = False  # by their number of tests
    return RoomByRoom(config, log)


def room(nodeid: str) -> str:
    """The folder below tests/, or the file that lies there itself."""
    return nodeid.partition("::")[0].removeprefix("tests/").partition("/")[0]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, (is_met, advice) in NEEDS.items():
        if item.get_closest_marker(name) and not is_met():
            pytest.skip(advice)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped where it should run: {report.longrepr}"
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not of the session: while it is open, a test can't run a loop of its own."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that a container lacks.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="Write golden files anew; read the diff."
    )
