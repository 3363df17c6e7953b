-- One row per state of an application, in order, and one for its transfer to another job.
-- Says which states begin a visit to a step (visit_number counts them) and which change the outcome.
-- What a state leaves out, step or status, goes on from the state before.
-- Only of touched candidates, and only while a build goes on: see passed_rows.
{{ config(materialized='passed') }}

with states as (

    select * from {{ ref('int_candidate_states') }}

),

outcomes as (

    select status, outcome from {{ ref('status_outcomes') }}

),

ordered as (

    select
        states.*,
        case
            when states.status is not null then coalesce(outcomes.outcome, 'unmapped')
        end as own_outcome,
        row_number() over candidate as place,
        coalesce(lag(states.job_uuid) over candidate <> states.job_uuid, false) as is_arrival,
        coalesce(lead(states.job_uuid) over candidate <> states.job_uuid, false) as is_left_next,
        lead(states.effective_at) over candidate as effective_at_after,
        coalesce(states.effective_at = lag(states.effective_at) over candidate, false)
        or coalesce(states.effective_at = lead(states.effective_at) over candidate, false) as is_tied
    from states
    left join outcomes on {{ folded('states.status') }} = outcomes.status
    window candidate as (
        partition by states.candidate_uuid
        order by states.effective_at, states.first_landed_at, states.state_hash
    )

),

-- One sort serves all three windows. What they find is compared here already: each text that a
-- row takes along to the next sort is time and memory.
carried as (

    select
        *,
        coalesce({{ last_known('own_outcome') }} over so_far, 'unmapped') as outcome,
        {{ last_known('step_key') }} over so_far as current_step_key,
        case
            when lag(place) over application is not null
                then coalesce({{ last_known('own_outcome') }} over before, 'unmapped')
        end as own_outcome_before,
        {{ last_known('step_key') }} over so_far
        is distinct from {{ last_known('step_key') }} over before as is_step_change,
        lag(place) over application is null
        {%- for score in ['total_score', 'ai_score', 'interview_score', 'questions_score'] %}
        or {{ score }} is distinct from lag({{ score }}) over application
        {%- endfor %} as is_score_change
    from ordered
    window
        application as (partition by candidate_uuid, job_uuid order by place),
        so_far as (
            partition by candidate_uuid, job_uuid
            order by place
            rows between unbounded preceding and current row
        ),
        before as (
            partition by candidate_uuid, job_uuid
            order by place
            rows between unbounded preceding and 1 preceding
        )

),

-- An application still under way ends where the candidate's next state names another job.
compared as (

    select
        *,
        outcome not in ('open', 'unmapped') as is_terminal,
        is_left_next and outcome in ('open', 'unmapped') as is_transferred_next,
        case
            when is_arrival and own_outcome_before in ('open', 'unmapped')
                then 'transferred'
            else own_outcome_before
        end as outcome_before
    from carried

),

marked as (

    select
        *,
        coalesce(outcome <> outcome_before, true) as is_outcome_change,
        -- A visit begins with a step that is new or taken up again; an end in a new step is a
        -- visit of no length there; steps changed after the end make none.
        case
            when current_step_key is null then false
            when outcome_before is null then true
            when outcome_before in ('open', 'unmapped') then is_step_change
            when is_terminal then outcome <> outcome_before
            else true
        end as is_visit_start
    from compared

),

numbered as (

    select
        *,
        cast(sum(case when is_visit_start then 1 else 0 end) over (
            partition by candidate_uuid, job_uuid
            order by place
            rows between unbounded preceding and current row
        ) as bigint) as visit_number
    from marked

),

final as (

    select
        candidate_uuid,
        job_uuid,
        2 * place as state_number,
        visit_number,
        effective_at,
        first_landed_at,
        last_landed_at,
        deliveries,
        event_id,
        outcome,
        is_terminal,
        is_outcome_change,
        is_step_change,
        is_score_change,
        is_visit_start,
        current_step_key as step_key,
        step_name,
        is_arrival,
        false as is_transfer,
        is_creation,
        is_tied,
        has_clock_error,
        status,
        created_at,
        received_at,
        hired_at,
        total_score,
        ai_score,
        interview_score,
        questions_score
    from numbered

    union all

    select
        candidate_uuid,
        job_uuid,
        2 * place + 1 as state_number,
        visit_number,
        effective_at_after as effective_at,
        null as first_landed_at,
        null as last_landed_at,
        0 as deliveries,
        null as event_id,
        'transferred' as outcome,
        true as is_terminal,
        true as is_outcome_change,
        false as is_step_change,
        false as is_score_change,
        false as is_visit_start,
        current_step_key as step_key,
        null as step_name,
        false as is_arrival,
        true as is_transfer,
        false as is_creation,
        false as is_tied,
        false as has_clock_error,
        null as status,
        null as created_at,
        null as received_at,
        null as hired_at,
        null as total_score,
        null as ai_score,
        null as interview_score,
        null as questions_score
    from numbered
    where is_transferred_next

)

select * from final
