-- One row per month, job and stage in which an application entered or left the stage.
-- A move between two steps of one stage is neither. Standing is what entered up to then less what
-- left, and stands until the next month that the stage has here.
{{ config(materialized='keyed') }}

with visits as (

    select
        job_uuid,
        stage,
        stage_order,
        {{ local_month('coalesce(entered_at, entered_before)') }} as entered_month,
        {{ local_month('left_at') }} as left_month,
        coalesce(next_stage = stage, false) as is_within_stage
    from {{ touched_rows(ref('stage_visits')) }}

),

-- The next visit starts when this one is left: within a stage the two cancel out.
movements as (

    select entered_month as month, job_uuid, stage, stage_order, count(*) as entries, 0 as exits
    from visits
    group by entered_month, job_uuid, stage, stage_order

    union all

    select
        left_month as month,
        job_uuid,
        stage,
        stage_order,
        -count(*) filter (where is_within_stage) as entries,
        count(*) filter (where not is_within_stage) as exits
    from visits
    where left_month is not null
    group by left_month, job_uuid, stage, stage_order

),

activity as (

    select
        month,
        job_uuid,
        stage,
        stage_order,
        cast(sum(entries) as bigint) as entries,
        cast(sum(exits) as bigint) as exits
    from movements
    group by month, job_uuid, stage, stage_order
    having sum(entries) <> 0 or sum(exits) <> 0

),

final as (

    select
        *,
        cast(sum(entries - exits) over so_far as bigint) as standing,
        lead(month) over stages as next_month
    from activity
    window
        so_far as (
            partition by job_uuid, stage
            order by month
            rows between unbounded preceding and current row
        ),
        stages as (partition by job_uuid, stage order by month)

)

select * from final
