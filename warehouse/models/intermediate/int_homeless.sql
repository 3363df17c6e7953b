-- One row per delivery about a candidate that belongs to no application: it names no candidate, or
-- no job. What a load brought of them stands.
{{ config(
    materialized='keyed',
    meta={'key': 'load_id', 'scope': 'new_loads'}
) }}

select event_id, landed_at, load_id, candidate_uuid, job_uuid, state_hash
from {{ ref('stg_candidate_events') }}
where
    (candidate_uuid is null or job_uuid is null)
    and {{ all_or_touched('true', of_new_load()) }}
