-- One row per stay of an application in a step, with the step that came next.
-- ended_by: an outcome, 'next' (another visit) or null while it goes on.
-- depends_on: {{ ref('int_touched_jobs') }}
{{ config(
    materialized='keyed',
    meta={
        'key': 'candidate_uuid',
        'scope': 'int_touched_candidates',
        'reread': {'key': 'job_uuid', 'scope': 'int_touched_jobs'}
    }
) }}

with states as (

    select * from {{ passed_rows(ref('int_application_states')) }}
    where visit_number > 0

),

applications as (

    select * from {{ touched_rows(ref('int_applications')) }}

),

visits as (

    select
        candidate_uuid,
        job_uuid,
        visit_number,
        min_by(step_key, state_number) as step_key,
        -- States after the end may name other steps: they are no part of the stay.
        max_by(step_name, state_number)
            filter (where step_name is not null and (is_visit_start or not is_terminal)) as step_name,
        max_by(effective_at, state_number)
            filter (where step_name is not null and (is_visit_start or not is_terminal)) as named_at,
        min(effective_at) as started_at,
        min(effective_at) filter (where is_terminal) as ended_at,
        min_by(outcome, state_number) filter (where is_terminal) as outcome
    from states
    group by candidate_uuid, job_uuid, visit_number

),

followed as (

    select
        *,
        lead(step_key) over application as next_step_key,
        lead(started_at) over application as next_started_at
    from visits
    window application as (partition by candidate_uuid, job_uuid order by visit_number)

),

final as (

    select
        followed.candidate_uuid,
        followed.job_uuid,
        applications.cohort_month,
        followed.visit_number,
        followed.step_key,
        followed.step_name,
        followed.named_at,
        followed.started_at,
        coalesce(followed.ended_at, followed.next_started_at) as left_at,
        followed.next_step_key,
        coalesce(
            followed.outcome,
            case when followed.next_step_key is not null then 'next' end
        ) as ended_by,
        followed.visit_number = 1 and applications.is_left_truncated as is_entry_unseen
    from followed
    inner join applications
        on
            followed.candidate_uuid = applications.candidate_uuid
            and followed.job_uuid = applications.job_uuid

)

select * from final
