"""Skips that say how to enable what they skip; with CI=true such a skip is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
NEEDS = {
    "browser": (CHROMIUM.exists, "needs chromium: apt-get install chromium"),
    "root": (lambda: os.geteuid() == 0, "needs root: run it with sudo"),
}


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="Write golden files anew; read the diff."
    )
