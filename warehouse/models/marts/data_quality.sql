-- One row per check and finding. A check without finding has no row.
{{ config(materialized='view') }}

with applications as (

    select * from {{ ref('int_applications') }}

),

jumps as (

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

last_moves as (

    select job_uuid, max(last_moved_at) as last_moved_at, count(*) as applications
    from applications
    where outcome = 'open'
    group by job_uuid

),

findings as (

    select 'unmapped status' as check_name, 'status' as subject_type, status as subject, count(*) as n
    from applications
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

    select 'orphan application', 'job', job_uuid, count(*)
    from applications
    where job_uuid not in (select job_uuid from history)
    group by job_uuid

    union all

    select 'jump over a step', 'job', job_uuid, n
    from jumps

    union all

    select 'clock error', 'job', job_uuid, count(*)
    from applications
    where clock_error
    group by job_uuid

    union all

    select 'order of states ambiguous', 'job', job_uuid, count(*)
    from applications
    where order_ambiguous
    group by job_uuid

    union all

    select 'first seen on its way', 'job', job_uuid, count(*)
    from applications
    where is_left_truncated
    group by job_uuid

    union all

    select 'hired before applying', 'job', job_uuid, count(*)
    from applications
    where hired_at < applied_at
    group by job_uuid

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
    select 'job gone silent', 'job', last_moves.job_uuid, last_moves.applications
    from last_moves
    cross join freshness
    where freshness.as_of > {{ later('last_moves.last_moved_at', 30 * 86400) }}

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
