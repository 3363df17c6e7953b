-- Which jobs are not filled yet, and are they open for longer than usual?
-- Open: neither filled nor closed, days from going live to as_of. Beside it the share of filled
-- jobs that took no longer than that; n = filled jobs. Few and only finished ones: a hint.
with filled as (

    select days_to_fill from time_to_fill where days_to_fill is not null

)

select
    title,
    city,
    job_uuid,
    round((epoch(as_of) - epoch(opened_at)) / 86400, 1) as days_open,
    jobs.applications,
    jobs.open,
    round((select avg((days_to_fill <= days_open)::int) from filled), 3) as filled_sooner,
    (select count(*) from filled) as n
from time_to_fill
inner join jobs using (job_uuid)
cross join freshness
where is_censored and opened_at is not null
order by days_open desc, job_uuid
