-- One row per candidate and job.
{{ config(materialized='keyed') }}

with applications as (

    select *
    from {{ touched_of(ref('int_applications'), 'candidate_uuid', ref('int_touched_applicants')) }}

),

sources as (

    select * from {{ ref('int_sources') }}

),

steps as (

    select * from {{ ref('job_steps') }}

),

reach as (

    select * from {{ ref('int_reach') }}
    where {{ only_touched('candidate_uuid', ref('int_touched_applicants')) }}

),

final as (

    select
        applications.candidate_uuid,
        applications.job_uuid,
        applications.person_key,
        applications.status,
        applications.outcome,
        steps.step_name,
        steps.stage,
        reach.furthest_stage,
        reach.has_reached_interview,
        applications.source_type,
        sources.source_name,
        applications.city,
        applications.country,
        applications.country_code,
        applications.total_score,
        applications.ai_score,
        applications.interview_score,
        applications.questions_score,
        applications.applied_at,
        applications.applied_at_source,
        applications.cohort_month,
        applications.first_effective_at as first_seen_at,
        applications.last_moved_at,
        applications.hired_at,
        applications.rejected_at,
        applications.withdrawn_at,
        applications.transferred_at,
        applications.starts_at,
        applications.is_left_truncated,
        applications.order_ambiguous,
        applications.clock_error
    from applications
    left join steps
        on applications.job_uuid = steps.job_uuid and applications.step_key = steps.step_key
    left join reach
        on
            applications.job_uuid = reach.job_uuid
            and applications.candidate_uuid = reach.candidate_uuid
    left join sources on applications.source_key = sources.source_key

)

select * from final
