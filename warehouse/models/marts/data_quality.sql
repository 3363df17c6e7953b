-- One row per check and finding. A check without finding has no row.
{{ config(materialized='view') }}

with jumps as (

    select job_uuid, count(*) as n
    from {{ ref('stage_visits') }}
    where exit_kind = 'skipped_ahead'
    group by job_uuid

),

steps as (

    select * from {{ ref('job_steps') }}

),

history as (

    select * from {{ ref('jobs_history') }}

),

freshness as (

    select * from {{ ref('freshness') }}

),

-- All that is counted by job, in one reading of applications.
per_job as (

    select
        job_uuid,
        count(*) as applications,
        count(*) filter (where clock_error) as clock_errors,
        count(*) filter (where order_ambiguous) as ambiguous_orders,
        count(*) filter (where is_left_truncated) as left_truncated,
        count(*) filter (where hired_at < applied_at) as hired_before_applying,
        count(*) filter (where outcome = 'open') as open,
        max(case when outcome = 'open' then last_moved_at end) as last_moved_at
    from {{ ref('int_applications') }}
    group by job_uuid

),

findings as (

    select 'unmapped status' as check_name, 'status' as subject_type, status as subject, count(*) as n
    from {{ ref('int_applications') }}
    where outcome = 'unmapped'
    group by status

    union all

    select 'unmapped step', 'step', step_name, count(*)
    from steps
    where not is_mapped
    group by step_name

    union all

    select 'ambiguous step order', 'job', job_uuid, count(*)
    from steps
    where order_source = 'ambiguous'
    group by job_uuid

    union all

    select 'orphan application', 'job', job_uuid, applications
    from per_job
    where job_uuid not in (select job_uuid from history)

    union all

    select 'jump over a step', 'job', job_uuid, n
    from jumps

    union all

    select 'clock error', 'job', job_uuid, clock_errors
    from per_job
    where clock_errors > 0

    union all

    select 'order of states ambiguous', 'job', job_uuid, ambiguous_orders
    from per_job
    where ambiguous_orders > 0

    union all

    select 'first seen on its way', 'job', job_uuid, left_truncated
    from per_job
    where left_truncated > 0

    union all

    select 'hired before applying', 'job', job_uuid, hired_before_applying
    from per_job
    where hired_before_applying > 0

    union all

    select 'filled before going live', 'job', job_uuid, 1
    from {{ ref('time_to_fill') }}
    where is_negative

    union all

    select 'possible revert of a job', 'job', job_uuid, count(*)
    from history
    where possible_revert
    group by job_uuid

    union all

    -- Open applications, and none of them moved for 30 days before as_of.
    select 'job gone silent', 'job', per_job.job_uuid, per_job.open
    from per_job
    cross join freshness
    where per_job.open > 0 and freshness.as_of > {{ later('per_job.last_moved_at', 30 * 86400) }}

    union all

    select 'state without uuid', 'all', null, without_uuid
    from freshness
    where without_uuid > 0

    union all

    select 'state without job', 'all', null, without_job
    from freshness
    where without_job > 0

    union all

    select 'contract drift: ' || kind, 'path', resource_type || '.' || path, cast(sum(count) as bigint)
    from {{ source('raw', 'contract_drift') }}
    where _dlt_load_id in (select load_id from {{ source('raw', '_dlt_loads') }} where status = 0)
    group by kind, resource_type, path

    union all

    -- A checksum did not match: its lines are not in these tables.
    select 'damaged segment', 'segment', slot || '/' || cast(seq as string), rows
    from {{ source('raw', 'loaded_segments') }}
    where
        damaged
        and _dlt_load_id in (select load_id from {{ source('raw', '_dlt_loads') }} where status = 0)

),

final as (

    select
        check_name,
        case
            when check_name in ('first seen on its way', 'jump over a step') then 'note'
            else 'warning'
        end as level,
        subject_type,
        coalesce(subject, 'none given') as subject,
        n
    from findings

)

select * from final
