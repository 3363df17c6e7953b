-- Which applications have waited unusually long where they stand?
-- The 50 open stays that are longest against the stage's median stay (Kaplan-Meier, all jobs);
-- at least twice the median. visits_n: the stays that the median rests on.
select
    jobs.title,
    stage_visits.candidate_uuid,
    stage_visits.stage,
    round((epoch(as_of) - epoch(coalesce(entered_at, entered_before))) / 86400, 1) as days_so_far,
    median_days,
    round(days_so_far / median_days, 1) as times_the_median,
    visits as visits_n
from stage_visits
inner join time_in_stage
    on stage_visits.stage = time_in_stage.stage and time_in_stage.scope = 'all'
left join jobs using (job_uuid)
cross join freshness
where exit_kind = 'open' and median_days > 0 and days_so_far >= 2 * median_days
order by times_the_median desc, job_uuid, candidate_uuid
limit 50
