-- One row per month end, job and stage in which applications stand; the month of as_of so far.
{{ config(materialized='view') }}

with activity as (

    select * from {{ ref('funnel_activity') }}

),

last_month as (

    select {{ local_month('as_of') }} as month from {{ ref('freshness') }}

),

months as (

    select distinct activity.month
    from activity
    cross join last_month
    where activity.month <= last_month.month
    union
    select month from last_month
    where month is not null

),

final as (

    select
        months.month as snapshot_month,
        activity.job_uuid,
        activity.stage,
        activity.stage_order,
        activity.standing
    from activity
    inner join months
        on
            months.month >= activity.month
            and (activity.next_month is null or months.month < activity.next_month)
    where activity.standing > 0

)

select * from final
