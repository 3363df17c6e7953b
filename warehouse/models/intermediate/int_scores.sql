-- One row per state of an application that gave it other scores than the state before.
{{ config(
    materialized='keyed',
    meta={'key': 'candidate_uuid', 'scope': 'int_touched_candidates'}
) }}

select
    candidate_uuid,
    job_uuid,
    state_number,
    effective_at,
    total_score,
    ai_score,
    interview_score,
    questions_score
from {{ passed_rows(ref('int_application_states')) }}
where is_score_change
