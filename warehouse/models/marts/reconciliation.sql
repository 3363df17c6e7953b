-- One row per application, stage and reason for which the funnels differ; see the table's description.
{{ config(materialized='keyed') }}

with visits as (

    select * from {{ touched_rows(ref('stage_visits')) }}

),

stages as (

    select distinct job_uuid, stage, stage_order
    from {{ ref('job_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

reach as (

    select * from {{ touched_rows(ref('int_reach')) }}

),

-- Stays in a stage: a move between two of its steps goes on with the same one.
stays as (

    select
        job_uuid,
        stage,
        stage_order,
        candidate_uuid,
        cohort_month,
        count(*) - count(*) filter (where next_stage = stage) as stays,
        max_by(exit_kind, visit_number) as exit_kind
    from visits
    group by job_uuid, stage, stage_order, candidate_uuid, cohort_month

),

passed as (

    select
        reach.job_uuid,
        stages.stage,
        stages.stage_order,
        reach.candidate_uuid,
        reach.cohort_month
    from reach
    inner join stages
        on reach.job_uuid = stages.job_uuid and reach.furthest_order >= stages.stage_order
    left join stays
        on
            reach.job_uuid = stays.job_uuid
            and reach.candidate_uuid = stays.candidate_uuid
            and stages.stage = stays.stage
    where stays.candidate_uuid is null

),

reasons as (

    select job_uuid, stage, stage_order, candidate_uuid, cohort_month, 'skipped' as reason, 1 as n
    from passed

    union all

    select job_uuid, stage, stage_order, candidate_uuid, cohort_month, 're-entered', stays - 1
    from stays
    where stays > 1

    union all

    select
        job_uuid,
        stage,
        stage_order,
        candidate_uuid,
        cohort_month,
        case exit_kind when 'moved_back' then 'moved back' else exit_kind end,
        1
    from stays
    where exit_kind in ('open', 'transferred', 'moved_back')

),

final as (

    select
        job_uuid,
        stage,
        stage_order,
        candidate_uuid,
        cohort_month,
        reason,
        cast(n as bigint) as n
    from reasons

)

select * from final
