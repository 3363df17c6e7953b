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
    request: pytest.FixtureRequest,
    shared_home: Path,
    models: Models,
    tmp_path_factory: pytest.TempPathFactory,
) -> Query:
    """Builds and publishes the HISTORY of the test module; queries the published file.

    By the models' own SQL, which is quicker; that dbt comes to the same, test_increments shows.
    """
    settings = Settings(home=emptied(shared_home))
    fill(settings.warehouse, models, request.module.HISTORY)
    publish(settings)
    return reader(settings.published.rename(tmp_path_factory.mktemp("built") / "hiring.duckdb"))


@pytest.fixture(scope="session")
def models(shared_home: Path) -> Models:
    """The models' own SQL for a full build, whatever the tests before left in the home."""
    return compile_models(Settings(home=emptied(shared_home)))
