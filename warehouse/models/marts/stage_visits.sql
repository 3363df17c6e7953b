-- One row per stay of an application in a step.
{{ config(materialized='keyed') }}

with visits as (

    -- A join on columns alone stays a hash join: the condition stands here.
    select *, case when ended_by = 'next' then next_step_key end as onward_step_key
    from {{ touched_rows(ref('int_visits')) }}

),

steps as (

    select * from {{ ref('job_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

pairs as (

    select * from {{ ref('int_step_pairs') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

joined as (

    select
        visits.candidate_uuid,
        visits.job_uuid,
        visits.cohort_month,
        visits.visit_number,
        steps.step_name,
        steps.stage,
        steps.stage_order,
        steps.step_order,
        case when not visits.is_entry_unseen then visits.started_at end as entered_at,
        case when visits.is_entry_unseen then visits.started_at end as entered_before,
        visits.left_at,
        next_steps.stage as next_stage,
        case
            when visits.ended_by is null then 'open'
            when visits.ended_by <> 'next' then visits.ended_by
            when pairs.direction = 1 and pairs.steps_between > 0 then 'skipped_ahead'
            when pairs.direction = 1 then 'advanced'
            when pairs.direction = -1 then 'moved_back'
            else 'moved'
        end as exit_kind
    from visits
    inner join steps
        on visits.job_uuid = steps.job_uuid and visits.step_key = steps.step_key
    left join pairs
        on
            visits.job_uuid = pairs.job_uuid
            and visits.step_key = pairs.step_key
            and visits.onward_step_key = pairs.other_step_key
    left join steps as next_steps
        on
            visits.job_uuid = next_steps.job_uuid
            and visits.onward_step_key = next_steps.step_key

),

final as (

    select
        *,
        {{ days(microseconds('entered_at', 'left_at')) }} as days_in_stage
    from joined

)

select * from final
