-- One row per job: from going live to its first hire.
{{ config(materialized='view') }}

with versions as (

    select * from {{ ref('jobs_history') }}

),

-- A job that was published again went live with its first publication.
jobs as (

    select
        job_uuid,
        min(published_at) as published_at,
        min(created_at) as created_at,
        bool_or(is_current and coalesce(is_closed, false)) as is_closed
    from versions
    group by job_uuid

),

hires as (

    select job_uuid, min(hired_at) as first_hired_at, count(*) as hires
    from {{ ref('int_applications') }}
    where outcome = 'hired'
    group by job_uuid

),

dated as (

    select
        jobs.job_uuid,
        coalesce(jobs.published_at, jobs.created_at) as opened_at,
        case
            when jobs.published_at is not null then 'published_at'
            when jobs.created_at is not null then 'created_at'
        end as opened_at_source,
        hires.first_hired_at,
        coalesce(hires.hires, 0) as hires,
        jobs.is_closed
    from jobs
    left join hires on jobs.job_uuid = hires.job_uuid

),

final as (

    select
        *,
        coalesce(first_hired_at < opened_at, false) as is_negative,
        case
            when first_hired_at >= opened_at
                then {{ days(microseconds('opened_at', 'first_hired_at')) }}
        end as days_to_fill,
        first_hired_at is null and not is_closed as is_censored
    from dated

)

select * from final
