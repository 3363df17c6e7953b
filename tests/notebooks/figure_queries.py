"""Each figure of the report as a query of another hand on hiring.duckdb, without filters, in UTC.

A query gives the columns and all the rows of the figure's data, in any order. The notebooks sum
published counts and let pandas divide; here the same is counted from applications and visits
wherever these tell it, with rates, intervals and names in SQL.
"""

from __future__ import annotations

# Wilson's interval in another form: (k + z²/2 ∓ z √(k (n-k) / n + z²/4)) / (n + z²).
PRELUDE = """
create temp macro z() as 1.959963984540054;
create temp macro wilson_half(k, n) as z() * sqrt(k * (n - k) / n + z() ** 2 / 4);
create temp macro low(k, n) as case when n > 0 then case when k = 0 then 0
    else (k + z() ** 2 / 2 - wilson_half(k, n)) / (n + z() ** 2) end end;
create temp macro high(k, n) as case when n > 0 then case when k = n then 1
    else (k + z() ** 2 / 2 + wilson_half(k, n)) / (n + z() ** 2) end end;
create temp macro rate(k, n) as case when n > 0 then k / n end;
create temp macro binomial(n, i) as exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1)
    - n * ln(2));
-- The rank r below which at most 2.5 % of the chance lie: order statistics r and n + 1 - r.
create temp macro rank_of(n) as len(list_filter(range(1, n // 2 + 1), lambda r:
    list_sum(list_transform(range(0, r), lambda i: binomial(n, i))) <= 0.025));
create temp macro at_rank(days, r) as case when len(days) >= 6 then list_sort(days)[r] end;
create temp macro low_end(days) as at_rank(days, rank_of(len(days)));
create temp macro high_end(days) as at_rank(days, len(days) + 1 - rank_of(len(days)));
create temp macro said(word) as upper(word[1]) || word[2:];
create temp macro named(month) as strftime(month, '%b %Y');
create temp macro from_where(source) as coalesce(source, 'No source given');
create temp view ends as select *, outcome in ('hired', 'rejected', 'withdrawn', 'transferred')
    as has_ended, outcome = 'hired' as is_hired, epoch_us(hired_at - applied_at) / 86400e6 as days,
    date_trunc('month', applied_at at time zone 'UTC')::date as month from applications;
create temp view stages as select distinct job_uuid, stage, stage_order from job_steps;
create temp view deepest as select candidate_uuid, job_uuid, cohort_month, max(stage_order) as depth
    from stage_visits group by all;
create temp view periods as select 'All months' as period, date '1900-01-01' as since union all
    select 'Last ' || months || ' months', max(cohort_month) - to_months(months - 1)
    from funnel_cohort, (values (12), (6), (3)) as lengths(months) group by months;
create temp view windows as select period, since, case when min(cohort_month) = max(cohort_month)
    then named(min(cohort_month)) else named(min(cohort_month)) || ' to ' ||
    named(max(cohort_month)) end as months
    from periods join funnel_cohort on cohort_month >= since group by all;
-- Of each stay in a stage how it ended at last, by application.
create temp view lasts as select candidate_uuid, job_uuid, cohort_month, stage,
    max_by(exit_kind, visit_number) in ('advanced', 'skipped_ahead', 'hired') as is_on,
    max_by(exit_kind, visit_number) = 'open' as is_open
    from stage_visits group by all;
"""
RATES = "rate({k}, {n}) as rate, low({k}, {n}) as low, high({k}, {n}) as high"
ENDED = f"""
    count(*) as applications, count(*) filter (is_hired) as hired,
    count(*) filter (has_ended) as ended, count(*) filter (not has_ended) as open,
    {RATES.format(k="hired", n="ended")}
"""
SPREAD = """
    count(*) as n, median(days) as median, low_end(list(days)) as low,
    high_end(list(days)) as high, quantile_cont(days, 0.9) as p90
"""
HIRES = "from ends where is_hired and days >= 0"
PASSED = f"""
    count(*) as entered, count(*) filter (is_on) as went_on,
    count(*) filter (not is_open) as finished, count(*) filter (is_open) as open,
    {RATES.format(k="went_on", n="finished")},
    went_on / entered as bound_low, (went_on + open) / entered as bound_high
"""


def names(jobs: str) -> str:
    """A subquery job_uuid, job: titles, told apart by place, else by id. jobs: a query of ids."""
    return f"""
    (with titled as (
        select job_uuid, coalesce(nullif(title, ''), 'Job without a title') as title,
            coalesce(city, '') as city
        from (select distinct job_uuid from ({jobs})) left join jobs using (job_uuid)
    ), placed as (
        select job_uuid, title || case when city <> '' and count(*) over (partition by title) > 1
            then ', ' || city else '' end as title from titled
    )
    select job_uuid, title || case when count(*) over (partition by title) > 1
        then ' (' || job_uuid[:8] || ')' else '' end as job from placed)
    """


APPLIED_FOR = names("select job_uuid from applications")
BUSIEST = """
    (select job_uuid from applications group by 1 order by count(*) desc, job_uuid limit 50)
"""
BANDS = """
    (values ('0-7', 0, 8), ('8-14', 8, 15), ('15-30', 15, 31), ('31-90', 31, 91),
        ('90+', 91, 1e9)) as bands(days_band, least, past)
"""
WAITING = """
    (select job_uuid, epoch_us((select as_of from freshness) - last_moved_at) / 86400e6 as age
    from applications where outcome = 'open')
"""

QUERIES = {
    "funnel-reached": """
        select period, months, said(stage) as stage, count(*) filter (depth >= stage_order)
            as reached, count(*) as of
        from windows join deepest on cohort_month >= since join stages using (job_uuid)
        group by all
        union all
        select period, months, 'Hired, from any stage', count(*) filter (is_hired), count(*)
        from windows join deepest on cohort_month >= since
        join ends using (candidate_uuid, job_uuid) group by all
    """,
    "funnel-passed": f"""
        select period, months, said(stage) as stage, {PASSED}
        from windows join lasts on cohort_month >= since group by all
    """,
    "funnel-three": """
        with reached as (
            select stage, count(*) filter (depth >= stage_order) as reached
            from deepest join stages using (job_uuid) group by 1
        ), standing as (
            select stage, count(*) as standing from stage_visits where exit_kind = 'open' group by 1
        ), lately as (
            select stage, sum(entries) as entries, sum(exits) as exits from funnel_activity
            where month > (select max(month) from funnel_activity) - interval 3 month group by 1
        )
        select said(stage) as stage, reached, coalesce(standing, 0) as standing,
            coalesce(entries, 0) as entries, coalesce(exits, 0) as exits
        from reached left join standing using (stage) left join lately using (stage)
    """,
    "funnel-reconciled": """
        with stays as (
            select *, next_stage is distinct from stage as is_end,
                (lag(stage) over mine, lag(next_stage) over mine) is distinct from (stage, stage)
                    as is_entry
            from stage_visits
            window mine as (partition by candidate_uuid, job_uuid order by visit_number)
        ), counted as (
            select stage, count(*) filter (is_entry) as entries,
                count(distinct (candidate_uuid, job_uuid)) as entered,
                count(*) filter (is_end and exit_kind <> 'open') as exits,
                count(*) filter (exit_kind = 'open') as standing
            from stays group by 1
        ), ended as (
            select stage, count(*) filter (kind = 'moved_back') as moved_back,
                count(*) filter (kind = 'transferred') as transferred
            from (select stage, max_by(exit_kind, visit_number) as kind from stage_visits
                  group by candidate_uuid, job_uuid, stage) group by 1
        ), reached as (
            select stage, count(*) filter (depth >= stage_order) as reached
            from deepest join stages using (job_uuid) group by 1
        )
        select said(stage) as stage, reached, reached - entered as skipped, entered,
            entries - entered as re_entered, entries, exits, standing, moved_back, transferred
        from reached join counted using (stage) join ended using (stage)
    """,
    "funnel-source": """
        select from_where(source_name) as source, said(s.stage) as stage,
            count(*) filter (depth >= s.stage_order) as reached, count(*) as of
        from deepest join applications using (candidate_uuid, job_uuid)
        join stages s using (job_uuid) group by 1, 2
    """,
    "funnel-months": """
        select named(cohort_month) as month, said(stage) as stage,
            count(*) filter (depth >= stage_order) as reached, count(*) as of
        from deepest join stages using (job_uuid) group by 1, 2
    """,
    "monthly-hired": f"select month, {ENDED} from ends where month is not null group by 1",
    "hire-days-month": f"select named(month) as month, {SPREAD} {HIRES} group by 1",
    "hired-job": f"""
        select job, job_uuid, {ENDED} from ends join {APPLIED_FOR} using (job_uuid) group by 1, 2
    """,
    "hired-source": f"select from_where(source_name) as source, {ENDED} from ends group by 1",
    "score-advanced": """
        select *, case when score_low is null then 'Unscored' else
            regexp_replace(score_low || ' to ' || score_high, '\\.0\\b', '', 'g') end as scored
        from score_calibration
    """,
    "hire-days": f"""
        with spans as (
            select list_filter([1, 2, 5, 10, 20, 50, 100, 200, 500],
                lambda step: max(days) < 24 * step)[1] as step, max(days) as longest {HIRES}
        ), bins as (
            select unnest(range(0, longest::bigint // step + 1)) * step as from_day, step from spans
        )
        select from_day, from_day + step as to_day,
            (select count(*) {HIRES} and days >= from_day and days < from_day + step) as count
        from bins where from_day <= (select longest from spans)
    """,
    "hire-incidence": """
        select 0 as days, 0 as share, 0 as low, 0 as high union all
        select unnest([30, 60, 90, 180]),
            unnest([incidence_30, incidence_60, incidence_90, incidence_180]),
            unnest([incidence_30_low, incidence_60_low, incidence_90_low, incidence_180_low]),
            unnest([incidence_30_high, incidence_60_high, incidence_90_high, incidence_180_high])
        from time_to_hire where scope = 'all'
    """,
    "hire-incidence-source": """
        with counted as (
            select coalesce(source_name, 'unknown') as scope_value, count(*) as applications,
                count(*) filter (is_hired) as hired, count(*) filter (not has_ended) as open
            from ends group by 1
        )
        select case scope_value when 'unknown' then 'No source given' else scope_value end
            as source,
            c.applications, c.hired, c.open, incidence_90 as hired_within_90_days,
            incidence_90_low as low, incidence_90_high as high
        from counted c join time_to_hire t using (scope_value) where scope = 'source'
    """,
    "hire-days-source": f"select from_where(source_name) as source, {SPREAD} {HIRES} group by 1",
    "hire-days-job": f"""
        select job, job_uuid, {SPREAD} from (select * {HIRES})
        join {names(f"select job_uuid {HIRES}")} using (job_uuid) group by 1, 2
    """,
    "fill-days": f"""
        with opened as (
            select job_uuid, min(published_at) as live, min(created_at) as created
            from jobs_history group by 1
        ), hired as (
            select job_uuid, min(hired_at) as first, count(*) as hires
            from ends where is_hired group by 1
        )
        select job, job_uuid,
            case when first >= coalesce(live, created)
                then epoch_us(first - coalesce(live, created)) / 86400e6 end as days_to_fill,
            coalesce(hires, 0) as hires,
            first is null and not coalesce(is_closed, false) as is_censored
        from jobs join opened using (job_uuid) left join hired using (job_uuid)
        join {names("select job_uuid from jobs")} using (job_uuid)
    """,
    "stage-days": """
        with stays as (
            select stage, entered_at is null as is_truncated, exit_kind = 'open' as is_open,
                epoch_us(left_at - entered_at) / 86400e6 as days from stage_visits
        )
        select said(stage) as stage, count(*) as visits,
            count(*) filter (not is_open and not is_truncated) as finished,
            count(*) filter (is_open and not is_truncated) as open,
            count(*) filter (is_truncated) as left_truncated, avg(days) as mean_days_finished,
            median(days) as median_days_finished, any_value(t.median_days) as median_days,
            any_value(t.median_days_low) as median_days_low,
            any_value(t.median_days_high) as median_days_high,
            any_value(t.median_days) - median(days) as bias_days, 10 as smallest_risk_set
        from stays join time_in_stage t using (stage) where scope = 'all' group by stage
    """,
    "stage-curves": """
        with most as (
            select stage from time_in_stage_curve where scope = 'all' group by 1
            having max(survival) > 0 order by max(at_risk) desc limit 9
        )
        select said(stage) as stage, day, at_risk, round(survival, 4) as survival,
            round(survival_low, 4) as survival_low, round(survival_high, 4) as survival_high
        from time_in_stage_curve join most using (stage) where scope = 'all'
    """,
    "source-applications": """
        select from_where(source_name) as source, count(*) as applications,
            (select count(*) from applications) as of from applications group by 1
    """,
    "source-interviewed": f"""
        select from_where(source_name) as source, count(*) filter (has_reached_interview)
            as interviewed, count(*) as applications, count(*) filter (not has_ended) as open,
            {RATES.format(k="interviewed", n="applications")}
        from ends group by 1
    """,
    "source-hired": f"""
        select * exclude (applications)
        from (select from_where(source_name) as source, {ENDED} from ends group by 1)
    """,
    "source-months": """
        with most as (
            select from_where(source_name) as source from applications group by 1
            order by count(*) desc, source limit 8
        )
        select named(month) as month, source, count(*) as applications, any_value(of) as of
        from (select *, from_where(source_name) as source, count(*) over (partition by month) as of
              from ends where month is not null)
        join most using (source) group by 1, 2
    """,
    "jobs-applications": f"""
        select job, job_uuid, coalesce(any_value(j.city), '') as city,
            coalesce(any_value(j.country), '') as country, count(*) as applications,
            count(*) filter (outcome = 'open') as open, count(*) filter (is_hired) as hired,
            count(*) filter (outcome = 'rejected') as rejected,
            count(*) filter (outcome = 'withdrawn') as withdrawn,
            count(*) filter (outcome = 'transferred') as transferred,
            max(applied_at at time zone 'UTC')::date as last_application
        from ends left join jobs j using (job_uuid) join {APPLIED_FOR} using (job_uuid)
        group by 1, 2
    """,
    "jobs-funnel": f"""
        with entries as (
            select job_uuid, stage, {PASSED} from lasts group by 1, 2
        ), reached as (
            select job_uuid, stage, count(*) filter (depth >= stage_order) as reached,
                count(*) as of
            from deepest join stages using (job_uuid) group by 1, 2
        )
        select job, job_uuid, said(stage) as stage, coalesce(entered, 0) as entered, reached, of,
            coalesce(went_on, 0) as went_on, coalesce(finished, 0) as finished,
            coalesce(open, 0) as open, rate, low, high, bound_low, bound_high
        from reached left join entries using (job_uuid, stage)
        join {APPLIED_FOR} using (job_uuid) where job_uuid in {BUSIEST}
    """,
    "jobs-ageing": f"""
        select 'All jobs' as job, '' as job_uuid, days_band, count(age) as open
        from {BANDS} left join {WAITING} on age >= least and age < past group by all
        union all
        select job, job_uuid, days_band, count(age) filter (age >= least and age < past)
        from {WAITING} join {APPLIED_FOR} using (job_uuid) cross join {BANDS} group by 1, 2, 3
    """,
    "jobs-stage-days": f"""
        with stays as (
            select job_uuid, stage, entered_at is null as is_truncated,
                exit_kind = 'open' as is_open,
                epoch_us(left_at - entered_at) / 86400e6 as days from stage_visits
        ), counted as (
            select job_uuid, stage, count(*) as visits,
                count(*) filter (not is_open and not is_truncated) as finished,
                count(*) filter (is_open and not is_truncated) as open,
                count(*) filter (is_truncated) as left_truncated,
                median(days) as median_days_finished
            from stays group by 1, 2
        )
        select job, job_uuid, said(c.stage) as stage, c.* exclude (job_uuid, stage),
            t.median_days, t.median_days_low, t.median_days_high
        from counted c join time_in_stage t on t.scope_value = job_uuid and t.stage = c.stage
        join {APPLIED_FOR} using (job_uuid) where job_uuid in {BUSIEST}
    """,
    "sector-hired": f"""
        select coalesce(sector_name, 'No sector given') as sector, {ENDED}
        from ends left join job_sectors using (job_uuid) group by 1
    """,
    "place-hired": f"""
        select coalesce(nullif(place, ''), 'No place given') as place,
            {ENDED}
        from ends left join (
            select job_uuid, concat_ws(', ', city, country) as place from jobs
        ) using (job_uuid) group by 1
    """,
    "quality-ledger": """
        unpivot (select
            strftime(first_landed_at at time zone 'UTC', '%Y-%m-%d %H:%M UTC')
                as "First event received",
            strftime(as_of at time zone 'UTC', '%Y-%m-%d %H:%M UTC')
                as "Last event received (as of)",
            format('{:,}', events_loaded) as "Events loaded",
            format('{:,}', candidate_states) as "of them: states of candidates",
            format('{:,}', job_states) as "of them: states of jobs",
            format('{:,}', other_events) as "of them: of kinds that are not known",
            format('{:,}', repeats) as "of them: repeats of an event",
            format('{:,}', without_uuid) as "States without an id, in no application",
            format('{:,}', without_job) as "States of candidates without a job, in no application"
            from freshness)
        on columns(*) into name item value value
    """,
    "quality-flags": """
        select *, (select count(*) from applications) as of
        from (unpivot (select count(*) filter (is_left_truncated) as "Met on its way",
            count(*) filter (order_ambiguous) as "Order unsure",
            count(*) filter (clock_error) as "Clock wrong",
            count(*) filter (outcome = 'unmapped') as "Status unknown",
            count(*) filter (j.job_uuid is null) as "Job unseen",
            count(*) filter (hired_at < applied_at) as "Hired before applied",
            count(*) filter (source_name is null) as "No source"
            from applications a left join jobs j using (job_uuid))
        on columns(*) into name what value applications)
    """,
    "quality-steps": """
        select step_name, count(distinct job_uuid) as jobs,
            array_to_string(list_sort(list_distinct(list(stage))), ', ') as stage
        from job_steps where not is_mapped group by 1
    """,
    "quality-statuses": """
        select coalesce(status, 'No status') as status, count(*) as applications
        from applications where outcome not in
            ('open', 'hired', 'rejected', 'withdrawn', 'transferred') group by 1
    """,
    "quality-checks": """
        select level, check_name, subject_type, case when subject_type = 'job'
            then coalesce((select nullif(title, '') from jobs where job_uuid = subject), subject)
            else subject end as subject, n
        from data_quality
    """,
    "quality-definitions": """
        select metric, unit, definition, is_computable from metric_definitions
    """,
}
