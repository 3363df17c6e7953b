-- One row per application that left screening, onwards or to its end, with its scores until then
-- and what became of it.
-- Screening ends with the stage of that name, else with applied, else with the job's first stage.
-- A score given later knows more than screening did, and is left out.
{{ config(
    materialized='keyed',
    meta={'key': 'job_uuid', 'scope': 'int_touched_jobs'}
) }}

with scores as (

    select * from {{ ref('int_scores') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

applications as (

    select candidate_uuid, job_uuid, outcome from {{ ref('int_applications') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

visits as (

    select * from {{ touched_rows(ref('int_visits')) }}

),

steps as (

    select * from {{ ref('job_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

screens as (

    select
        job_uuid,
        coalesce(
            max(case when stage = 'screening' then stage_order end),
            max(case when stage = 'applied' then stage_order end),
            min(stage_order)
        ) as stage_order
    from steps
    group by job_uuid

),

left_screening as (

    select
        visits.candidate_uuid,
        visits.job_uuid,
        least(
            min(visits.started_at) filter (where steps.stage_order > screens.stage_order),
            min(visits.left_at) filter (where visits.ended_by <> 'next')
        ) as left_at,
        coalesce(bool_or(steps.stage_order > screens.stage_order or visits.ended_by = 'hired'), false)
            as has_advanced
    from visits
    inner join steps
        on visits.job_uuid = steps.job_uuid and visits.step_key = steps.step_key
    inner join screens on visits.job_uuid = screens.job_uuid
    group by visits.candidate_uuid, visits.job_uuid

),

scored as (

    select
        left_screening.candidate_uuid,
        left_screening.job_uuid,
        left_screening.has_advanced,
        {%- for score in ['total_score', 'ai_score', 'interview_score', 'questions_score'] %}
        max_by(scores.{{ score }}, scores.state_number) filter (
            where scores.{{ score }} is not null and scores.effective_at < left_screening.left_at
        ) as {{ score }}{{ ',' if not loop.last }}
        {%- endfor %}
    from left_screening
    inner join scores
        on
            left_screening.candidate_uuid = scores.candidate_uuid
            and left_screening.job_uuid = scores.job_uuid
    where left_screening.left_at is not null
    group by
        left_screening.candidate_uuid, left_screening.job_uuid, left_screening.has_advanced

),

final as (

    select
        scored.*,
        applications.outcome not in ('open', 'unmapped') as is_decided,
        applications.outcome = 'hired' as is_hired
    from scored
    inner join applications
        on
            scored.candidate_uuid = applications.candidate_uuid
            and scored.job_uuid = applications.job_uuid

)

select * from final
