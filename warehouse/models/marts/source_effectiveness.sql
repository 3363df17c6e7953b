-- One row per kind and name of source.
{{ config(materialized='view') }}

with applications as (

    select * from {{ ref('applications') }}

),

counted as (

    select
        coalesce(source_type, 'unknown') as source_type,
        coalesce(source_name, 'unknown') as source_name,
        count(*) as applications,
        count(*) filter (where has_reached_interview) as reached_interview,
        count(*) filter (where outcome = 'hired') as hired,
        count(*) filter (where outcome in ('open', 'unmapped')) as open,
        count(*) filter (where outcome not in ('open', 'unmapped')) as completed
    from applications
    group by coalesce(source_type, 'unknown'), coalesce(source_name, 'unknown')

),

final as (

    select
        *,
        open * 1.0e0 / applications as open_share,
        case when completed > 0 then hired * 1.0e0 / completed end as hire_rate,
        {{ wilson_low('hired', 'completed') }} as hire_rate_low,
        {{ wilson_high('hired', 'completed') }} as hire_rate_high,
        open = 0 as is_mature
    from counted

)

select * from final
