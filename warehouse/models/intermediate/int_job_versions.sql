-- One row per version of a job, in order; the last one is current.
-- Equal states in a row are one version. An earlier state that comes again within the redelivery
-- window of its first landing, another between, is a redelivery; later it is a real change back.
{{ config(
    materialized='keyed',
    meta={'key': 'job_uuid', 'scope': 'int_touched_jobs'}
) }}

with deliveries as (

    select * from {{ ref('stg_job_events') }}
    where
        job_uuid is not null
        and {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

placed as (

    select
        event_id,
        job_uuid,
        state_hash,
        is_undated,
        ordered_at,
        min(ordered_at) over (partition by job_uuid, state_hash, is_undated) as first_ordered_at
    from deliveries

),

judged as (

    select
        *,
        ordered_at = first_ordered_at
        or ordered_at > {{ later('first_ordered_at', var('redelivery_window')) }} as is_kept
    from placed

),

ordered as (

    select
        *,
        {{ last_known('case when is_kept then state_hash end') }} over so_far as state_in_force,
        row_number() over (
            partition by job_uuid
            order by is_undated desc, ordered_at, event_id
        ) as place
    from judged
    window so_far as (
        partition by job_uuid
        order by is_undated desc, ordered_at, event_id
        rows between unbounded preceding and current row
    )

),

compared as (

    select
        *,
        coalesce(
            state_in_force <> lag(state_in_force) over (partition by job_uuid order by place), true
        ) as is_change,
        not is_kept and state_hash <> state_in_force as is_redelivery
    from ordered

),

numbered as (

    select
        *,
        cast(sum(case when is_change then 1 else 0 end) over (
            partition by job_uuid
            order by place
            rows between unbounded preceding and current row
        ) as bigint) as version_number
    from compared

),

versions as (

    select
        job_uuid,
        version_number,
        min_by(event_id, place) as event_id,
        min_by(case when not is_undated then ordered_at end, place) filter (where not is_undated)
            as dated_from,
        bool_or(is_undated) as is_undated,
        bool_or(is_redelivery) as possible_revert
    from numbered
    group by job_uuid, version_number

),

spans as (

    select
        *,
        case when not is_undated then dated_from end as valid_from,
        lead(case when not is_undated then dated_from end) over job as valid_to,
        lead(version_number) over job is null as is_current
    from versions
    window job as (partition by job_uuid order by version_number)

),

-- The same delivery may stand there twice: it is read once.
latest as (

    select *
    from deliveries
    where event_id in (select event_id from spans)
    qualify row_number() over (partition by event_id order by load_id) = 1

),

final as (

    select
        spans.job_uuid,
        spans.version_number,
        spans.valid_from,
        spans.valid_to,
        spans.is_current,
        spans.possible_revert,
        spans.event_id,
        latest.title,
        latest.city,
        latest.state,
        latest.country,
        latest.country_code,
        latest.city_full_name,
        latest.latitude,
        latest.longitude,
        latest.contract,
        latest.period,
        latest.salary_type,
        latest.salary_period,
        latest.salary_min,
        latest.salary_max,
        latest.salary_details,
        latest.is_published,
        latest.is_closed,
        latest.published_at,
        latest.company_name,
        latest.company_label_uuid,
        latest.created_at
    from spans
    inner join latest on spans.event_id = latest.event_id

)

select * from final
