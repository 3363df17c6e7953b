-- How many applications does a hire take, job by job?
-- Completed applications / hired, for jobs with a hire; n = completed = all but open and unmapped.
select
    title,
    city,
    job_uuid,
    applications,
    applications - jobs.open - unmapped as n,
    hired,
    round(n / hired, 1) as completed_per_hire,
    round(days_to_fill, 1) as days_to_first_hire
from jobs
left join time_to_fill using (job_uuid)
where hired > 0
order by completed_per_hire desc, job_uuid
