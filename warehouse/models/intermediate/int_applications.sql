-- One row per candidate and job: the application as it stands, with its dates.
-- raw_source_name is personal data: it may name a person, and is published by rule only.
{{ config(
    materialized='keyed',
    meta={
        'key': 'candidate_uuid',
        'scope': 'int_touched_candidates',
        'reread': {'key': 'candidate_uuid', 'scope': 'int_touched_candidates'}
    }
) }}

-- Read more than once, of few columns each time: all at once takes memory that sorts need.
{%- set deliveries = all_or_touched(ref('stg_candidate_events'), passed_rows(ref('int_touched_events'))) %}

with states as (

    select * from {{ passed_rows(ref('int_application_states')) }}

),

-- A delivery may stand there twice, which is rare: it counts once.
twice as (

    select event_id from {{ deliveries }}
    group by event_id
    having count(*) > 1

),

surplus as (

    select candidate_uuid, job_uuid, count(*) - count(distinct event_id) as deliveries
    from {{ deliveries }}
    where event_id in (select event_id from twice)
    group by candidate_uuid, job_uuid

),

summed as (

    select
        candidate_uuid,
        job_uuid,
        max_by(outcome, state_number) as outcome,
        max_by(event_id, state_number) filter (where not is_transfer) as event_id,
        max_by(status, state_number) filter (where status is not null) as status,
        max_by(step_key, state_number) as step_key,
        min(effective_at) as first_effective_at,
        min_by(is_arrival, state_number) as is_arrival,
        max_by(received_at, state_number) filter (where received_at is not null) as received_at,
        max_by(created_at, state_number) filter (where created_at is not null) as created_at,
        max_by(hired_at, state_number) filter (where hired_at is not null and not is_transfer)
            as hired_at,
        max(state_number) filter (where hired_at is not null and not is_transfer)
            as hired_at_number,
        max(state_number) filter (where is_outcome_change) as outcome_since_number,
        max_by(effective_at, state_number) filter (where is_outcome_change) as outcome_since,
        max_by(effective_at, state_number)
            filter (where is_outcome_change or is_step_change) as last_moved_at,
        bool_or(is_creation) as has_creation,
        bool_or(is_tied) as order_ambiguous,
        bool_or(has_clock_error) as has_clock_error,
        count(*) filter (where not is_transfer) as states,
        cast(sum(deliveries) as bigint) as deliveries,
        min(first_landed_at) as first_landed_at,
        max(last_landed_at) as last_landed_at
    from states
    group by candidate_uuid, job_uuid

),

dated as (

    select
        *,
        case
            when is_arrival then first_effective_at
            else coalesce(received_at, created_at, first_effective_at)
        end as applied_at,
        case
            when is_arrival then 'transfer'
            when received_at is not null then 'received_at'
            when created_at is not null then 'created_at'
            else 'first_state'
        end as applied_at_source
    from summed

),

-- Any delivery of the last state will do, since they are equal; here one is read once.
latest as (

    select
        event_id,
        min(source_type) as source_type,
        min(source_name) as source_name,
        min(city) as city,
        min(country) as country,
        min(country_code) as country_code,
        min(total_score) as total_score,
        min(ai_score) as ai_score,
        min(interview_score) as interview_score,
        min(questions_score) as questions_score,
        min(starts_at) as starts_at,
        min(person_key) as person_key
    from {{ deliveries }}
    where event_id in (select event_id from dated)
    group by event_id

),

final as (

    select
        dated.candidate_uuid,
        dated.job_uuid,
        latest.person_key,
        dated.status,
        dated.outcome,
        dated.step_key,
        latest.source_type,
        latest.source_name as raw_source_name,
        {{ folded('latest.source_name') }} as source_key,
        latest.city,
        latest.country,
        latest.country_code,
        latest.total_score,
        latest.ai_score,
        latest.interview_score,
        latest.questions_score,
        dated.applied_at,
        dated.applied_at_source,
        dated.first_effective_at,
        {{ local_month('dated.applied_at') }} as cohort_month,
        dated.last_moved_at,
        -- A hired_at of a run that was broken (un-hired) is void.
        case
            when dated.outcome <> 'hired' then null
            when dated.hired_at_number >= dated.outcome_since_number then dated.hired_at
            else dated.outcome_since
        end as hired_at,
        case when dated.outcome = 'rejected' then dated.outcome_since end as rejected_at,
        case when dated.outcome = 'withdrawn' then dated.outcome_since end as withdrawn_at,
        case when dated.outcome = 'transferred' then dated.outcome_since end as transferred_at,
        latest.starts_at,
        not dated.has_creation and dated.first_effective_at > dated.applied_at as is_left_truncated,
        dated.order_ambiguous,
        dated.has_clock_error
        or dated.applied_at > {{ later('dated.first_effective_at', 86400) }} as clock_error,
        dated.states,
        dated.deliveries - coalesce(surplus.deliveries, 0) as deliveries,
        dated.first_landed_at,
        dated.last_landed_at
    from dated
    inner join latest on dated.event_id = latest.event_id
    left join surplus
        on dated.candidate_uuid = surplus.candidate_uuid and dated.job_uuid = surplus.job_uuid

)

select * from final
