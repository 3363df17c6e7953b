-- One row per candidate, job and state_hash: what was delivered, each state once.
-- deliveries counts rows: one that stands there twice is two here.
-- effective_at says when the state came to be, effective_at_source by what that is known.
{{ config(materialized='ephemeral') }}

{%- set known_at = 'coalesce(as_of, landed_at)' %}

with deliveries as (

    select * from {{ all_or_touched(ref('stg_candidate_events'), passed_rows(ref('int_touched_events'))) }}
    where candidate_uuid is not null and job_uuid is not null

),

-- Columns outside the key are equal within a state: the hash covers them.
states as (

    select
        candidate_uuid,
        job_uuid,
        state_hash,
        min(landed_at) as first_landed_at,
        max(landed_at) as last_landed_at,
        count(*) as deliveries,
        min({{ known_at }}) as known_at,
        min(event_id) as event_id,
        bool_or(event_name = 'CandidateResource_created') as is_creation,
        min(status) as status,
        min(step_key) as step_key,
        min(step_name) as step_name,
        min(created_at) as created_at,
        min(updated_at) as updated_at,
        min(received_at) as received_at,
        min(hired_at) as hired_at,
        min(total_score) as total_score,
        min(ai_score) as ai_score,
        min(interview_score) as interview_score,
        min(questions_score) as questions_score
    from deliveries
    group by candidate_uuid, job_uuid, state_hash

),

checked as (

    select
        *,
        updated_at <= {{ later('first_landed_at', 86400) }} as is_updated_at_credible,
        greatest(
            case when received_at <= first_landed_at then received_at end,
            case when created_at <= first_landed_at then created_at end,
            case when hired_at <= first_landed_at then hired_at end
        ) as latest_own_time
    from states

),

final as (

    select
        candidate_uuid,
        job_uuid,
        state_hash,
        event_id,
        first_landed_at,
        last_landed_at,
        deliveries,
        case
            when is_updated_at_credible then updated_at
            else coalesce(latest_own_time, known_at)
        end as effective_at,
        case
            when is_updated_at_credible then 'updated_at'
            when latest_own_time is not null then 'payload'
            else 'landed_at'
        end as effective_at_source,
        coalesce(not is_updated_at_credible, false) as has_clock_error,
        is_creation,
        status,
        step_key,
        step_name,
        created_at,
        received_at,
        hired_at,
        total_score,
        ai_score,
        interview_score,
        questions_score
    from checked

)

select * from final
