-- Who starts when: how many new colleagues come in the next weeks?
-- Hired applications with a first working day after as_of, by week (Monday); n = those hired.
select
    date_trunc('week', starts_at)::date as week,
    coalesce(title, 'job not known') as title,
    jobs.city,
    count(*) as n,
    round(median(epoch(starts_at) - epoch(hired_at)) / 86400, 1) as median_days_from_hire
from applications
left join jobs using (job_uuid)
cross join freshness
where outcome = 'hired' and starts_at > as_of
group by week, title, jobs.city
order by week, title, jobs.city
