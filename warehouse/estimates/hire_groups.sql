-- One row per scope: the naive figures of time to hire. Leaves hire_times, one row per application
-- with the numbers of its scopes, for hire_subjects: numbers group and join fast. A job that is not
-- estimated anew has none.
create or replace temp table hire_ids as
select
    scope,
    scope_value,
    cast(row_number() over (order by scope, scope_value) - 1 as integer) as id
from (
    select 'all' as scope, 'all' as scope_value
    where exists (select 1 from main.int_applications)
    union all
    select 'job', job_uuid
    from main.int_applications
    where job_uuid in (select scope_value from main.est_touched)
    group by job_uuid
    union all
    select 'cohort_month', cast(cohort_month as varchar)
    from main.int_applications
    group by cohort_month
    union all
    select 'source', source_name
    from (
        select source_name from main.int_sources
        union
        select 'unknown' from main.int_applications where source_key is null
    )
);

create or replace temp table hire_times as
select
    of_all.id as all_id,
    of_job.id as job_id,
    of_month.id as month_id,
    coalesce(of_source.id, of_unknown.id) as source_id,
    applications.is_left_truncated,
    epoch_us(applications.first_effective_at) - epoch_us(applications.applied_at) as entry_us,
    epoch_us(coalesce(
        applications.hired_at,
        applications.rejected_at,
        applications.withdrawn_at,
        applications.transferred_at,
        freshness.as_of
    )) - epoch_us(applications.applied_at) as exit_us,
    case applications.outcome
        when 'hired' then 1
        when 'open' then 0
        when 'unmapped' then 0
        else 2
    end as cause
from main.int_applications as applications
cross join main.freshness as freshness
cross join (select id from hire_ids where scope = 'all') as of_all
left join (select * from hire_ids where scope = 'job') as of_job
    on applications.job_uuid = of_job.scope_value
inner join (
    select id, cast(scope_value as date) as month from hire_ids where scope = 'cohort_month'
) as of_month on applications.cohort_month = of_month.month
left join (
    select hire_ids.id, sources.source_key
    from main.int_sources as sources
    inner join hire_ids on hire_ids.scope = 'source' and sources.source_name = hire_ids.scope_value
) as of_source on applications.source_key = of_source.source_key
left join (
    select id from hire_ids where scope = 'source' and scope_value = 'unknown'
) as of_unknown on applications.source_key is null;

select
    hire_ids.*,
    figures.* exclude (id)
from hire_ids
inner join (
    select
        coalesce(all_id, job_id, month_id, source_id) as id,
        count(*) as applications,
        count(*) filter (where cause = 1) as hired,
        count(*) filter (where cause = 0) as open,
        count(*) filter (where cause = 1 and exit_us < 0) as negative,
        quantile_cont(exit_us, 0.5) filter (where cause = 1 and exit_us >= 0) / 86400000000.0e0
            as median_days_hired,
        quantile_cont(exit_us, 0.9) filter (where cause = 1 and exit_us >= 0) / 86400000000.0e0
            as p90_days_hired
    from hire_times
    group by grouping sets ((all_id), (job_id), (month_id), (source_id))
) as figures on hire_ids.id = figures.id
order by hire_ids.id
