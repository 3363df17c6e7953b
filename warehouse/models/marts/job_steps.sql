-- One row per job and step that was visited, in the order of the flow.
-- step_order ranks a step by how many steps stand before it less how many stand after.
-- stage_order sorts stages: 100 x the order in stage_map; a stage without one stands between by
-- what was learned.
{{ config(materialized='keyed') }}

with steps as (

    select * from {{ ref('int_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

pairs as (

    select * from {{ ref('int_step_pairs') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

weighed as (

    select
        job_uuid,
        step_key,
        cast(-sum(direction) as bigint) as place,
        bool_or(direction = 0) as has_undecided,
        bool_or(not is_mapped) as has_unmapped,
        cast(sum(n) as bigint) as order_n,
        cast(sum(case direction when 1 then k when -1 then n - k else greatest(k, n - k) end) as bigint)
            as order_k
    from pairs
    group by job_uuid, step_key

),

placed as (

    select
        steps.*,
        cast(dense_rank() over (
            partition by steps.job_uuid order by coalesce(weighed.place, 0)
        ) as bigint) as step_order,
        case
            when coalesce(weighed.has_undecided, false) then 'ambiguous'
            when steps.map_order is not null and not coalesce(weighed.has_unmapped, false) then 'map'
            else 'learned'
        end as order_source,
        coalesce(weighed.order_k, 0) as order_k,
        coalesce(weighed.order_n, 0) as order_n
    from steps
    left join weighed
        on steps.job_uuid = weighed.job_uuid and steps.step_key = weighed.step_key

),

stages as (

    select job_uuid, stage, min(map_order) as map_order, min(step_order) as step_order
    from placed
    group by job_uuid, stage

),

bases as (

    select
        *,
        coalesce(map_order, max(map_order) over (
            partition by job_uuid
            order by step_order
        ), 0) as base
    from stages

),

stage_orders as (

    select
        job_uuid,
        stage,
        cast(
            100 * base
            + dense_rank() over (
                partition by job_uuid, base
                order by case when map_order is not null then 0 else 1 end, step_order
            )
            - max(case when map_order is not null then 1 else 0 end) over (partition by job_uuid, base)
            as bigint
        ) as stage_order
    from bases

),

final as (

    select
        placed.job_uuid,
        placed.step_key,
        placed.step_uuid,
        placed.step_name,
        placed.stage,
        placed.is_mapped,
        placed.step_order,
        placed.order_source,
        placed.order_k,
        placed.order_n,
        stage_orders.stage_order
    from placed
    inner join stage_orders
        on placed.job_uuid = stage_orders.job_uuid and placed.stage = stage_orders.stage

)

select * from final
