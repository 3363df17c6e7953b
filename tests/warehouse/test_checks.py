"""The dbt project's own tests hold on a random history, and fail on what they are there for."""

from __future__ import annotations

import duckdb
import pytest

from contract.settings import Settings
from tests.warehouse.history import Raw
from tests.warehouse.test_increments import pieces
from warehouse.build import build, check
from warehouse.site import write_site

DAMAGE = {
    "exits_add_up": "update funnel_cohort set advanced = advanced + 1 where entered > 0",
    "ends_are_dated": "update applications set hired_at = null where outcome = 'hired'",
    "funnels_reconcile": "update reconciliation set n = n + 1 where reason = 'open'",
    "reached_never_grows": "update funnel_cohort set reached = stage_order",
    "visits_do_not_overlap": "update stage_visits set left_at = null",
    "one_current_version": "update int_job_versions set is_current = true",
    "key_funnel_activity": "insert into funnel_activity from funnel_activity",
    "accepted_in_job_steps": "update job_steps set order_source = 'guessed'",
    "within_application_answers": "update application_answers set job_uuid = 'nowhere'",
    "at_least_0_freshness": "update freshness set repeats = -1",
}


@pytest.fixture
def checked(settings: Settings, fresh_raw: Raw) -> Settings:
    for number, load in enumerate(pieces(5)):
        rows = [*load, ("loaded_segments", {"slot": "w0", "seq": number, "rows": 1000})]
        fresh_raw.load(str(number), rows)
    build(settings)
    return settings


def test_all_checks_hold_on_a_random_history_and_each_can_fail(checked: Settings) -> None:
    assert check(checked) == []
    with duckdb.connect(str(checked.warehouse)) as connection:
        for statement in DAMAGE.values():
            connection.execute(statement)
    failed = check(checked)
    for name in DAMAGE:
        assert any(test.startswith(name) for test in failed), (name, failed)


def test_the_docs_site_is_one_file_that_knows_models_columns_and_reports(
    settings: Settings, fresh_raw: Raw
) -> None:
    build(settings)
    site = settings.home / "docs" / "index.html"
    write_site(settings, site)
    text = site.read_text()
    for name in ("model.hiring.funnel_cohort", "pass_through_low", "exposure.hiring.hiring_funnel"):
        assert name in text
