-- Jobs that have not just one current version, the last one.
select job_uuid, count(*) as n
from {{ ref('jobs_history') }}
where is_current
group by job_uuid
having count(*) <> 1
