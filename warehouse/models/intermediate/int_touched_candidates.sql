-- One row per candidate of whom a new load speaks.
select distinct candidate_uuid
from {{ ref('stg_candidate_events') }}
where
    candidate_uuid is not null
    and {{ of_new_load() }}
