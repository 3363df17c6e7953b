-- One row per delivery about a candidate, complete loads only.
-- A delivery that stands there twice does no harm: states are made by grouping.
select
    event_id,
    landed_at,
    event_name,
    as_of,
    _dlt_load_id as load_id,
    uuid as candidate_uuid,
    job_uuid,
    state_hash,
    status,
    coalesce(step_uuid, step_name) as step_key,
    step_uuid,
    coalesce(step_name, step_uuid) as step_name,
    source_type,
    source_name,
    city,
    country,
    country_short as country_code,
    total_score,
    ai_score,
    interview_score,
    questions_score,
    created_at,
    updated_at,
    received_at,
    hired_at,
    starts_at,
    person_key
from {{ source('raw', 'candidate_events') }}
where _dlt_load_id in (select load_id from {{ source('raw', '_dlt_loads') }} where status = 0)
