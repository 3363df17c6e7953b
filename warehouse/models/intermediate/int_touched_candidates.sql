-- One row per candidate of whom a new load speaks.
select distinct candidate_uuid
from {{ ref('stg_candidate_events') }}
where
    candidate_uuid is not null
    and load_id in (select load_id from {{ target.schema }}.new_loads)
