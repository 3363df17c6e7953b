-- One row per name of a source, as sent: the name under which it is published.
-- A mapped name is public; any other only when enough applications share it (source_shared_by),
-- and never an address, since it may name a person.
{{ config(materialized='view') }}

with applications as (

    select source_key, raw_source_name from {{ ref('int_applications') }}
    where raw_source_name is not null

),

counted as (

    select source_key, min(raw_source_name) as raw_source_name, count(*) as applications
    from applications
    group by source_key

),

final as (

    select
        counted.source_key,
        coalesce(
            source_map.mapped_name,
            case
                when
                    counted.applications >= {{ var('source_shared_by') }}
                    and counted.raw_source_name not like '%@%'
                    then counted.raw_source_name
            end,
            'other'
        ) as source_name,
        source_map.mapped_name is not null as is_mapped
    from counted
    left join {{ ref('source_map') }} as source_map
        on counted.source_key = source_map.source_name

)

select * from final
