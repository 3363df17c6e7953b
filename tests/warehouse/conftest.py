"""A home with raw tables, and the published file of a test module's HISTORY."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.settings import Settings
from tests.warehouse.compiled import Models, compile_models, fill
from tests.warehouse.history import Query, Raw, reader
from warehouse.publish import publish


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def fresh_raw(settings: Settings) -> Raw:
    """An empty raw schema in the home of `settings`."""
    return Raw(settings.warehouse)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder that holds nothing yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hiring"


@pytest.fixture(scope="module")
def built(
    request: pytest.FixtureRequest,
    models: Models,
    tmp_path_factory: pytest.TempPathFactory,
) -> Query:
    """Builds and publishes the HISTORY of the test module; queries the published file.

    By the models' own SQL, which is quicker; that dbt comes to the same, test_increments shows.
    """
    settings = Settings(home=tmp_path_factory.mktemp("built"))
    fill(settings.warehouse, models, request.module.HISTORY)
    publish(settings)
    return reader(settings.published)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The models' own SQL for a full build."""
    return compile_models(Settings(home=tmp_path_factory.mktemp("compiled")))
