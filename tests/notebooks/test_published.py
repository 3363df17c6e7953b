from datetime import date

import duckdb
import pytest

from notebooks.filters import Filters
from notebooks.published import NotPublished, Published

APPLICATION = {
    "job": "job-1",
    "reached": 0,
    "outcome": "rejected",
    "days": 20,
    "source": "Indeed",
}


def count(path, sql, **filters):
    with Published.open(path, Filters(**filters)) as data:
        return data.value(sql)


def test_without_filters_every_view_is_its_table(opened, publish_year):
    with duckdb.connect(publish_year, read_only=True) as plain:
        for table in ("applications", "jobs", "stage_visits", "funnel_cohort"):
            rows = plain.execute(f"select count(*) from {table}").fetchone()[0]
            assert opened.value(f"select count(*) from {table}") == rows


@pytest.mark.parametrize(
    ("filters", "condition"),
    [
        ({"job": "JOB-1"}, "job_uuid = 'job-1'"),
        ({"sector": "food"}, "job_uuid = 'job-2'"),
        ({"country": "ie"}, "job_uuid = 'job-1'"),
        ({"country": "France"}, "job_uuid = 'job-2'"),
        ({"source": "linkedin"}, "source_name = 'LinkedIn'"),
        ({"since": date(2026, 7, 5)}, "applied_at >= timestamptz '2026-07-05 00:00:00+00'"),
        ({"until": date(2026, 7, 5)}, "applied_at < timestamptz '2026-07-06 00:00:00+00'"),
        (
            {"source": "Indeed", "since": date(2026, 6, 1), "country": "IE"},
            "source_name = 'Indeed' and applied_at >= timestamptz '2026-06-01 00:00:00+00'"
            " and job_uuid = 'job-1'",
        ),
    ],
)
def test_a_filter_leaves_just_its_applications_and_their_visits(publish_year, filters, condition):
    with duckdb.connect(publish_year, read_only=True) as plain:
        expected, visits = (
            plain.execute(f"select count(*) from {source} where {condition}").fetchone()[0]
            for source in (
                "applications",
                "stage_visits join applications using (candidate_uuid, job_uuid)",
            )
        )
    assert expected
    assert count(publish_year, "select count(*) from applications", **filters) == expected
    assert count(publish_year, "select count(*) from stage_visits", **filters) == visits


def test_days_are_those_of_the_time_zone(publish):
    # Applied at 09:00 UTC of 1 May: in Auckland that is 21:00, in Kiritimati 23:00, both 1 May;
    # in Honolulu it is 23:00 of 30 April.
    path = publish([{**APPLICATION, "month": 5, "day": 1}])
    first = Filters(since=date(2026, 5, 1))
    for zone, expected in (("Pacific/Auckland", 1), ("Pacific/Honolulu", 0)):
        with Published.open(path, first, zone) as data:
            assert data.value("select count(*) from applications") == expected


def test_months_of_the_period_are_taken_whole_from_cohort_tables(publish_year):
    sql = "select string_agg(distinct month(cohort_month)::varchar, ',') from funnel_cohort"
    assert count(publish_year, sql, since=date(2026, 7, 15), until=date(2026, 7, 20)) == "7"


def test_a_table_names_the_filters_that_it_cannot_follow(publish_year):
    with Published.open(publish_year, Filters(source="Indeed", job="job-1")) as data:
        assert data.ignored("funnel_cohort") == ["source"]
        assert data.ignored("applications") == []


def test_text_from_outside_is_no_sql(publish_year):
    hostile = "x' or '1'='1"
    assert count(publish_year, "select count(*) from applications", source=hostile) == 0
    assert count(publish_year, "select count(*) from jobs", sector=hostile, country=hostile) == 0


def test_the_funnels_of_jobs_follow_the_filters_of_jobs_alone(publish_year):
    filters = {"since": date(2026, 10, 1), "source": "Indeed", "country": "IE"}
    for table in ("funnel_cohort", "funnel_activity", "funnel_snapshot", "reconciliation"):
        sql = f"select count(*) from {table}"
        of_job = count(publish_year, f"{sql} where job_uuid = 'job-1'")
        assert 0 < count(publish_year, f"{sql}_of_jobs", **filters) == of_job


def test_a_table_that_is_not_published_is_named(opened):
    with pytest.raises(NotPublished, match="table salaries is not published yet"):
        opened.query("select * from salaries")


def test_the_file_is_opened_read_only(opened):
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        opened.query("delete from published.main.jobs")


def test_nothing_published_yet_is_said_with_the_command_that_mends_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="hiring sync"):
        Published.open(tmp_path / "hiring.duckdb")


def test_as_of_is_in_the_time_zone_of_the_report(publish_year):
    with Published.open(publish_year, timezone="Pacific/Auckland") as data:
        assert str(data.as_of) == "2026-11-01 01:00:00"
        assert data.today == date(2026, 11, 1)


def test_filters_choose_the_row_of_an_estimate_and_name_what_it_leaves_out(publish_year):
    with Published.open(publish_year, Filters(job="job-1", country="IE")) as data:
        assert data.scope("job", "source") == ("job", "job-1", ("country",))
    with Published.open(publish_year, Filters(source="Indeed")) as data:
        assert data.scope("job", "source") == ("source", "Indeed", ())
        assert data.scope("job") == ("all", "all", ("source",))
