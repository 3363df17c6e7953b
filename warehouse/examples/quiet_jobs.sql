-- Which live jobs have open applications and no movement for two weeks?
-- Jobs that are published and not closed; quiet: days from the last move of any application to
-- as_of. n = the job's open applications.
select
    title,
    jobs.city,
    job_uuid,
    jobs.open,
    jobs.applications,
    max(last_moved_at)::date as last_moved_on,
    round((epoch(max(as_of)) - epoch(max(last_moved_at))) / 86400, 1) as days_quiet
from jobs
inner join applications using (job_uuid)
cross join freshness
where is_published and not coalesce(is_closed, false) and jobs.open > 0
group by all
having days_quiet >= 14
order by days_quiet desc, job_uuid
