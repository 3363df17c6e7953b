-- In which jobs does a stage let fewer through than it does elsewhere?
-- pass_through of job and stage against the stage in all jobs; listed where Wilson's 95 % interval
-- lies below it and n = completed >= 10. Of 100 like jobs two or three stand here by chance.
with by_job as (

    select
        job_uuid,
        stage,
        sum(advanced + hired)::double as passed,
        sum(entered - open)::double as n
    from funnel_cohort
    group by job_uuid, stage

),

compared as (

    select
        *,
        passed / n as p,
        sum(passed) over (partition by stage) / sum(n) over (partition by stage) as p_elsewhere
    from by_job
    where n > 0

)

select
    title,
    job_uuid,
    stage,
    round(p, 3) as pass_through,
    round((p + 1.92 / n + 1.96 * sqrt(p * (1 - p) / n + 0.96 / n / n)) / (1 + 3.84 / n), 3) as high,
    round(p_elsewhere, 3) as in_all_jobs,
    n::bigint as n
from compared
left join jobs using (job_uuid)
where n >= 10 and high < in_all_jobs
order by in_all_jobs - high desc, job_uuid, stage
