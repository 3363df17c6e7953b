-- One row per scope: the naive figures of time to hire. Leaves hire_scoped, one row per
-- application and scope, for hire_subjects.
create or replace temp table hire_scoped as
with applications as (

    select
        applications.job_uuid,
        cast(applications.cohort_month as varchar) as cohort_month,
        sources.source_name,
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
    left join main.int_sources as sources on applications.source_key = sources.source_key

)

select 'all' as scope, 'all' as scope_value, * from applications
union all
select 'job', job_uuid, * from applications
union all
select 'cohort_month', cohort_month, * from applications
union all
select 'source', coalesce(source_name, 'unknown'), * from applications;

create or replace temp table hire_ids as
select scope, scope_value, row_number() over (order by scope, scope_value) - 1 as id
from (select distinct scope, scope_value from hire_scoped);

select
    hire_ids.id,
    hire_ids.scope,
    hire_ids.scope_value,
    count(*) as applications,
    count(*) filter (where cause = 1) as hired,
    count(*) filter (where cause = 0) as open,
    count(*) filter (where cause = 1 and exit_us < 0) as negative,
    quantile_cont(exit_us, 0.5) filter (where cause = 1 and exit_us >= 0) / 86400000000.0e0
        as median_days_hired,
    quantile_cont(exit_us, 0.9) filter (where cause = 1 and exit_us >= 0) / 86400000000.0e0
        as p90_days_hired
from hire_scoped
inner join hire_ids using (scope, scope_value)
group by all
order by hire_ids.id
