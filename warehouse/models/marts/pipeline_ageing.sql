-- One row per job, stage and age in which open applications stand: days since the last move at as_of.
{{ config(materialized='view') }}

with applications as (

    select * from {{ ref('int_applications') }}
    where outcome = 'open'

),

steps as (

    select * from {{ ref('job_steps') }}

),

freshness as (

    select as_of from {{ ref('freshness') }}

),

aged as (

    select
        applications.job_uuid,
        coalesce(steps.stage, 'no step yet') as stage,
        coalesce(steps.stage_order, 0) as stage_order,
        {{ days(microseconds('applications.last_moved_at', 'freshness.as_of')) }} as days
    from applications
    cross join freshness
    left join steps
        on applications.job_uuid = steps.job_uuid and applications.step_key = steps.step_key

),

banded as (

    select
        *,
        case
            when days < 8 then 1
            when days < 15 then 2
            when days < 31 then 3
            when days < 91 then 4
            else 5
        end as band_order
    from aged

),

final as (

    select
        job_uuid,
        stage,
        stage_order,
        band_order,
        case band_order
            when 1 then '0-7'
            when 2 then '8-14'
            when 3 then '15-30'
            when 4 then '31-90'
            else '90+'
        end as days_band,
        count(*) as applications
    from banded
    group by job_uuid, stage, stage_order, band_order

)

select * from final
