"""A home with raw tables, and the published file of a test module's HISTORY."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.settings import Settings
from tests.warehouse.history import Query, Raw, reader
from warehouse.build import build
from warehouse.publish import publish


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def fresh_raw(settings: Settings) -> Raw:
    """An empty raw schema in the home of `settings`."""
    return Raw(settings.warehouse)


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Query:
    """Builds and publishes the HISTORY of the test module; queries the published file."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, **getattr(request.module, "SETTINGS", {}))
    history = Raw(settings.warehouse)
    history.load("1", request.module.HISTORY)
    build(settings)
    publish(settings)
    return reader(settings.published)
