-- Jobs of which the first stages of all cohorts reached are not the applications that visited any.
with reached as (

    select job_uuid, sum(reached) as applications
    from (
        select
            *,
            row_number() over (
                partition by cohort_month, job_uuid order by stage_order, stage
            ) as place
        from {{ ref('funnel_cohort') }}
    ) as stages
    where place = 1
    group by job_uuid

),

visited as (

    select job_uuid, count(distinct candidate_uuid) as applications
    from {{ ref('stage_visits') }}
    group by job_uuid

)

select *
from visited
left join reached on visited.job_uuid = reached.job_uuid
where visited.applications is distinct from reached.applications
