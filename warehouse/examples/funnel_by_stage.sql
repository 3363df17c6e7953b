-- How many applicants reach each stage, and how many of those who are through with it go on?
-- Applications of all months followed to their end; reached: visited the stage or a later one.
-- pass_through = passed / completed with Wilson's 95 % interval, n = completed = entered - open.
with stages as (

    select
        stage,
        min(stage_order) as stage_order,
        sum(entered)::bigint as entered,
        sum(reached)::bigint as reached,
        sum(advanced + hired)::bigint as passed,
        sum(entered - open)::bigint as completed,
        sum(open)::bigint as open
    from funnel_cohort
    group by stage

),

rates as (

    select *, passed / nullif(completed, 0) as p, completed::double as n
    from stages

)

select
    stage,
    entered,
    reached,
    passed,
    completed,
    open,
    round(p, 3) as pass_through,
    round((p + 1.92 / n - 1.96 * sqrt(p * (1 - p) / n + 0.96 / n / n)) / (1 + 3.84 / n), 3) as low,
    round((p + 1.92 / n + 1.96 * sqrt(p * (1 - p) / n + 0.96 / n / n)) / (1 + 3.84 / n), 3) as high
from rates
order by stage_order, stage
