-- One row per job, as last delivered, with its applications by outcome.
{{ config(materialized='view') }}

with versions as (

    select * from {{ ref('jobs_history') }}
    where is_current

),

counted as (

    select
        job_uuid,
        count(*) as applications,
        count(*) filter (where outcome = 'open') as open,
        count(*) filter (where outcome = 'hired') as hired,
        count(*) filter (where outcome = 'rejected') as rejected,
        count(*) filter (where outcome = 'withdrawn') as withdrawn,
        count(*) filter (where outcome = 'transferred') as transferred,
        count(*) filter (where outcome = 'unmapped') as unmapped
    from {{ ref('int_applications') }}
    group by job_uuid

),

final as (

    select
        versions.job_uuid,
        {{ job_columns('versions') }},
        coalesce(counted.applications, 0) as applications,
        coalesce(counted.open, 0) as open,
        coalesce(counted.hired, 0) as hired,
        coalesce(counted.rejected, 0) as rejected,
        coalesce(counted.withdrawn, 0) as withdrawn,
        coalesce(counted.transferred, 0) as transferred,
        coalesce(counted.unmapped, 0) as unmapped
    from versions
    left join counted on versions.job_uuid = counted.job_uuid

)

select * from final
