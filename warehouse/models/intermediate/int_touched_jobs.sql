-- One row per job of which a new load speaks, or that a touched candidate ever stood in.
-- Deliveries only ever come to a candidate, so these are all jobs whose figures can change.
select distinct job_uuid
from {{ passed_rows(ref('int_touched_events')) }}
where job_uuid is not null
union
select distinct job_uuid
from {{ ref('stg_job_events') }}
where
    job_uuid is not null
    and {{ of_new_load() }}
