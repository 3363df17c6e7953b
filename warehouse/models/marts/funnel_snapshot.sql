-- One row per month end, job and stage in which applications stand; the month of as_of so far.
-- Standing is what entered up to then less what left.
{{ config(materialized='view') }}

with activity as (

    select * from {{ ref('funnel_activity') }}

),

last_month as (

    select {{ local_month('as_of') }} as month from {{ ref('freshness') }}

),

balances as (

    select
        month,
        job_uuid,
        stage,
        stage_order,
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
        balances.job_uuid,
        balances.stage,
        balances.stage_order,
        balances.standing
    from balances
    inner join months
        on
            months.month >= balances.month
            and (balances.next_month is null or months.month < balances.next_month)
    where balances.standing > 0

)

select * from final
