-- One row per month of application, job and stage: the month's applications followed to their end.
-- Exits are those of an application's last visit to the stage, so that
-- entered = advanced + moved + moved_back + transferred + rejected + withdrawn + hired + open.
{{ config(materialized='keyed') }}

with applications as (

    select * from {{ ref('int_applications') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

visits as (

    select * from {{ touched_rows(ref('stage_visits')) }}

),

stages as (

    select distinct job_uuid, stage, stage_order
    from {{ ref('job_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

cohorts as (

    select
        cohort_month,
        job_uuid,
        not bool_or(outcome in ('open', 'unmapped')) as is_mature
    from applications
    group by cohort_month, job_uuid

),

last_visits as (

    select
        cohort_month,
        job_uuid,
        stage,
        stage_order,
        candidate_uuid,
        max_by(exit_kind, visit_number) as exit_kind
    from visits
    group by cohort_month, job_uuid, stage, stage_order, candidate_uuid

),

exits as (

    select
        cohort_month,
        job_uuid,
        stage,
        count(*) as entered,
        count(*) filter (where exit_kind in ('advanced', 'skipped_ahead')) as advanced,
        count(*) filter (where exit_kind = 'moved') as moved,
        count(*) filter (where exit_kind = 'moved_back') as moved_back,
        count(*) filter (where exit_kind = 'transferred') as transferred,
        count(*) filter (where exit_kind = 'rejected') as rejected,
        count(*) filter (where exit_kind = 'withdrawn') as withdrawn,
        count(*) filter (where exit_kind = 'hired') as hired,
        count(*) filter (where exit_kind = 'open') as open
    from last_visits
    group by cohort_month, job_uuid, stage

),

depths as (

    select cohort_month, job_uuid, furthest_order as stage_order, count(*) as applications
    from {{ touched_rows(ref('int_reach')) }}
    group by cohort_month, job_uuid, furthest_order

),

reached as (

    select
        depths.cohort_month,
        depths.job_uuid,
        stages.stage,
        cast(sum(depths.applications) as bigint) as reached
    from depths
    inner join stages
        on depths.job_uuid = stages.job_uuid and depths.stage_order >= stages.stage_order
    group by depths.cohort_month, depths.job_uuid, stages.stage

),

counted as (

    select
        cohorts.cohort_month,
        cohorts.job_uuid,
        stages.stage,
        stages.stage_order,
        coalesce(exits.entered, 0) as entered,
        coalesce(reached.reached, 0) as reached,
        coalesce(exits.advanced, 0) as advanced,
        coalesce(exits.moved, 0) as moved,
        coalesce(exits.moved_back, 0) as moved_back,
        coalesce(exits.transferred, 0) as transferred,
        coalesce(exits.rejected, 0) as rejected,
        coalesce(exits.withdrawn, 0) as withdrawn,
        coalesce(exits.hired, 0) as hired,
        coalesce(exits.open, 0) as open,
        coalesce(exits.advanced + exits.hired, 0) as k,
        coalesce(exits.entered - exits.open, 0) as n,
        cohorts.is_mature
    from cohorts
    inner join stages on cohorts.job_uuid = stages.job_uuid
    left join exits
        on
            cohorts.cohort_month = exits.cohort_month
            and cohorts.job_uuid = exits.job_uuid
            and stages.stage = exits.stage
    left join reached
        on
            cohorts.cohort_month = reached.cohort_month
            and cohorts.job_uuid = reached.job_uuid
            and stages.stage = reached.stage

),

final as (

    select
        cohort_month,
        job_uuid,
        stage,
        stage_order,
        entered,
        reached,
        advanced,
        moved,
        moved_back,
        transferred,
        rejected,
        withdrawn,
        hired,
        open,
        case when n > 0 then k * 1.0e0 / n end as pass_through,
        {{ wilson_low('k', 'n') }} as pass_through_low,
        {{ wilson_high('k', 'n') }} as pass_through_high,
        case when entered > 0 then k * 1.0e0 / entered end as bound_low,
        case when entered > 0 then (k + open) * 1.0e0 / entered end as bound_high,
        is_mature
    from counted

)

select * from final
