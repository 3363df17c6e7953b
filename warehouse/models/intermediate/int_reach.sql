-- One row per application that visited a stage: how far it came.
{{ config(
    materialized='keyed',
    meta={
        'key': 'job_uuid',
        'scope': 'int_touched_jobs',
        'reread': {'key': 'job_uuid', 'scope': 'int_touched_jobs'}
    }
) }}

with visits as (

    select * from {{ touched_rows(ref('int_visits')) }}

),

steps as (

    select * from {{ ref('job_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

furthest as (

    select
        visits.candidate_uuid,
        visits.job_uuid,
        visits.cohort_month,
        max(steps.stage_order) as furthest_order
    from visits
    inner join steps
        on visits.job_uuid = steps.job_uuid and visits.step_key = steps.step_key
    group by visits.candidate_uuid, visits.job_uuid, visits.cohort_month

),

-- Stages of one order are told apart by name.
stages as (

    select job_uuid, stage_order, min(stage) as stage
    from steps
    group by job_uuid, stage_order

),

interviews as (

    select distinct job_uuid, stage_order
    from steps
    where stage = 'interview'

),

final as (

    select
        furthest.*,
        stages.stage as furthest_stage,
        furthest.furthest_order >= interviews.stage_order as has_reached_interview
    from furthest
    inner join stages
        on furthest.job_uuid = stages.job_uuid and furthest.furthest_order = stages.stage_order
    left join interviews on furthest.job_uuid = interviews.job_uuid

)

select * from final
