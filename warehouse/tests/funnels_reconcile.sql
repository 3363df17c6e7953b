-- Stages of a job in which the three funnels do not differ by just the applications named.
with cohort as (

    select job_uuid, stage, sum(entered) as entered, sum(reached) as reached, sum(open) as open
    from {{ ref('funnel_cohort') }}
    group by job_uuid, stage

),

activity as (

    select job_uuid, stage, sum(entries) as entries, sum(exits) as exits
    from {{ ref('funnel_activity') }}
    group by job_uuid, stage

),

reasons as (

    select
        job_uuid,
        stage,
        coalesce(sum(n) filter (where reason = 'skipped'), 0) as skipped,
        coalesce(sum(n) filter (where reason = 're-entered'), 0) as re_entered,
        coalesce(sum(n) filter (where reason = 'open'), 0) as open
    from {{ ref('reconciliation') }}
    group by job_uuid, stage

),

joined as (

    select
        cohort.*,
        coalesce(activity.entries, 0) as entries,
        coalesce(activity.exits, 0) as exits,
        coalesce(reasons.skipped, 0) as skipped,
        coalesce(reasons.re_entered, 0) as re_entered,
        coalesce(reasons.open, 0) as standing
    from cohort
    left join activity on cohort.job_uuid = activity.job_uuid and cohort.stage = activity.stage
    left join reasons on cohort.job_uuid = reasons.job_uuid and cohort.stage = reasons.stage

)

select *
from joined
where
    reached <> entered + skipped
    or entries <> entered + re_entered
    or entries - exits <> standing
    or open <> standing
