-- How many hires can we expect from those who are open now?
-- Open applications of a stage x the share hired of those who reached it in months and jobs where
-- all have ended, n = those. Rough: it takes the future to be like that past.
with stages as (

    select
        stage,
        stage_order,
        is_mature,
        open,
        reached,
        sum(hired) over (
            partition by cohort_month, job_uuid order by stage_order desc
        ) as hired_here_or_later
    from funnel_cohort

)

select
    stage,
    sum(open)::bigint as open,
    coalesce(sum(reached) filter (is_mature), 0)::bigint as n,
    round(sum(hired_here_or_later) filter (is_mature) / nullif(n, 0), 3) as share_hired,
    round(sum(open) * share_hired, 1) as expected_hires
from stages
group by stage
having sum(open) > 0
order by min(stage_order), stage
