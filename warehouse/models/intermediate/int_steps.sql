-- One row per job and step that was visited, with its latest name and what stage_map says of it.
-- A mapping for one job goes before one for all.
{{ config(
    materialized='keyed',
    meta={'key': 'job_uuid', 'scope': 'int_touched_jobs'}
) }}

with visits as (

    select * from {{ touched_rows(ref('int_visits')) }}

),

mapping as (

    select * from {{ ref('stage_map') }}

),

last_named as (

    select job_uuid, step_key, max(named_at) as named_at
    from visits
    group by job_uuid, step_key

),

named as (

    select
        visits.job_uuid,
        visits.step_key,
        max(visits.step_name) as step_name
    from visits
    inner join last_named
        on
            visits.job_uuid = last_named.job_uuid
            and visits.step_key = last_named.step_key
            and visits.named_at = last_named.named_at
    group by visits.job_uuid, visits.step_key

),

final as (

    select
        named.job_uuid,
        named.step_key,
        nullif(named.step_key, named.step_name) as step_uuid,
        named.step_name,
        coalesce(for_job.stage, for_all.stage, named.step_name) as stage,
        coalesce(for_job.stage, for_all.stage) is not null as is_mapped,
        case when for_job.stage is not null then for_job.stage_order else for_all.stage_order end
            as map_order
    from named
    left join mapping as for_job
        on
            {{ folded('named.step_name') }} = for_job.step_name
            and named.job_uuid = for_job.job_uuid
    left join mapping as for_all
        on
            {{ folded('named.step_name') }} = for_all.step_name
            and for_all.job_uuid is null

)

select * from final
