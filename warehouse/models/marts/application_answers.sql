-- One row per application and question, of the application's last state that has answers.
-- Free text is personal data: only what equals one of the question's options is kept.
{{ config(materialized='keyed') }}

{%- set answers = all_or_touched(source('raw', 'candidate_event_answers'), 'answers_of_states') %}

with states as (

    select candidate_uuid, job_uuid, event_id, state_number
    from {{ passed_rows(ref('int_application_states')) }}
    where event_id is not null

),

answers_of_states as (

    select * from {{ source('raw', 'candidate_event_answers') }}
    where {{ only_touched('event_id', 'states') }}

),

answered as (

    select
        states.candidate_uuid,
        states.job_uuid,
        max_by(states.event_id, states.state_number) as event_id
    from states
    where states.event_id in (select event_id from {{ answers }})
    group by states.candidate_uuid, states.job_uuid

),

final as (

    select distinct
        answered.candidate_uuid,
        answered.job_uuid,
        answers.position,
        answers.question_type,
        answers.question_text,
        {{ offered_choices('answers.answer', 'answers.options') }} as answer_option
    from answered
    inner join {{ answers }} as answers
        on answered.event_id = answers.event_id

)

select * from final
