-- Stages that more applications reached than the stage before.
select *
from (
    select
        *,
        lag(reached) over (partition by cohort_month, job_uuid order by stage_order) as reached_before
    from {{ ref('funnel_cohort') }}
) as stages
where reached > reached_before
