"""A home with raw tables, and the published file of a test module's HISTORY.

Tests share one home, emptied before each: dbt then parses the project once and not per test.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from contract.settings import Settings
from tests.warehouse.compiled import Models, compile_models, fill
from tests.warehouse.history import Query, Raw, reader
from warehouse.build import build
from warehouse.publish import publish


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def emptied(home: Path) -> Path:
    """Only what dbt parsed stays."""
    for path in home.iterdir():
        if path.is_dir() and path.name != "state":
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
    return home


@pytest.fixture
def settings(shared_home: Path) -> Settings:
    return Settings(home=emptied(shared_home))


@pytest.fixture
def fresh_raw(settings: Settings) -> Raw:
    """An empty raw schema in the home of `settings`."""
    return Raw(settings.warehouse)


@pytest.fixture(scope="module")
def built(
    request: pytest.FixtureRequest, shared_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Query:
    """Builds and publishes the HISTORY of the test module; queries the published file.

    With SETTINGS by build(), else by the models' own SQL, which is quicker; that both come to
    the same is what test_increments shows.
    """
    given = getattr(request.module, "SETTINGS", {})
    settings = Settings(home=emptied(shared_home), **given)
    if given:
        Raw(settings.warehouse).load("1", request.module.HISTORY)
        build(settings)
    else:
        fill(settings.warehouse, request.getfixturevalue("models"), request.module.HISTORY)
    publish(settings)
    return reader(settings.published.rename(tmp_path_factory.mktemp("built") / "hiring.duckdb"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The models' own SQL for a full build."""
    return compile_models(Settings(home=tmp_path_factory.mktemp("compiled")))
