-- One row per scope: the naive figures of time to hire. Leaves hire_exits, one row per scope and way
-- to leave, for hire_subjects. For scopes of many jobs applications are counted before they are
-- joined with their scopes. A job that is not estimated anew has none.
create or replace temp view hire_times as
with times as (

    select
        *,
        epoch_us(first_effective_at) - epoch_us(applied_at) as entry_us,
        epoch_us(coalesce(
            hired_at, rejected_at, withdrawn_at, transferred_at, freshness.as_of
        )) - epoch_us(applied_at) as exit_us,
        case outcome
            when 'hired' then 1
            when 'open' then 0
            when 'unmapped' then 0
            else 2
        end as cause
    from main.int_applications
    cross join main.freshness as freshness

)

select
    job_uuid,
    cohort_month,
    source_key,
    exit_us,
    cause,
    exit_us < 0 as is_negative,
    exit_us >= 0 and (not is_left_truncated or exit_us > entry_us) as is_at_risk,
    case when is_left_truncated then entry_us // 8640000000 else -1 end as entry_bin,
    bin_of(exit_us) as exit_bin
from times;

create or replace temp table hire_counts as
select
    * exclude (job_uuid, exit_us),
    count(*) as n,
    list(exit_us) filter (where cause = 1 and not is_negative) as hired_us
from hire_times
group by all;

create or replace temp table hire_ids as
select
    scope,
    scope_value,
    cast(row_number() over (order by scope, scope_value) - 1 as integer) as id
from (
    select 'all' as scope, 'all' as scope_value
    union all
    select 'job', scope_value from main.est_touched
    union all
    select distinct 'cohort_month', cast(cohort_month as varchar) from hire_counts
    union all
    select 'source', source_name from main.int_sources
    union
    select 'source', 'unknown'
);

create or replace temp table hire_exits as
with scoped as (

    select
        unnest([of_all.id, of_month.id, coalesce(of_source.id, of_unknown.id)]) as id,
        counts.*
    from hire_counts as counts
    cross join (select id from hire_ids where scope = 'all') as of_all
    inner join (
        select id, cast(scope_value as date) as month from hire_ids where scope = 'cohort_month'
    ) as of_month on counts.cohort_month = of_month.month
    left join (
        select hire_ids.id, sources.source_key
        from main.int_sources as sources
        inner join hire_ids
            on hire_ids.scope = 'source' and sources.source_name = hire_ids.scope_value
    ) as of_source on counts.source_key = of_source.source_key
    left join (
        select id from hire_ids where scope = 'source' and scope_value = 'unknown'
    ) as of_unknown on counts.source_key is null

)

select
    * exclude (cohort_month, source_key, n, hired_us),
    cast(sum(n) as bigint) as n,
    flatten(list(hired_us) filter (where hired_us is not null)) as hired_us
from scoped
where id is not null
group by all
union all
select
    hire_ids.id,
    times.* exclude (job_uuid, cohort_month, source_key, exit_us),
    count(*),
    list(times.exit_us) filter (where times.cause = 1 and not times.is_negative)
from hire_times as times
inner join hire_ids on hire_ids.scope = 'job' and times.job_uuid = hire_ids.scope_value
group by all;

with counted as (

    select
        id,
        cast(sum(n) as bigint) as applications,
        cast(coalesce(sum(n) filter (where cause = 1), 0) as bigint) as hired,
        cast(coalesce(sum(n) filter (where cause = 0), 0) as bigint) as open,
        cast(coalesce(sum(n) filter (where cause = 1 and is_negative), 0) as bigint) as negative
    from hire_exits
    group by id

),

times as (

    select
        id,
        quantile_cont(us, 0.5) / 86400000000.0e0 as median_days_hired,
        quantile_cont(us, 0.9) / 86400000000.0e0 as p90_days_hired
    from (select id, unnest(hired_us) as us from hire_exits where cause = 1)
    group by id

)

select
    hire_ids.*,
    counted.* exclude (id),
    times.* exclude (id)
from hire_ids
inner join counted on hire_ids.id = counted.id
left join times on hire_ids.id = times.id
order by hire_ids.id
