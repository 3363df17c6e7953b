-- One row per job and sector, as last delivered.
{{ config(materialized='view') }}

{{ current_job_items('job_event_sectors', ['sector_uuid', 'sector_name']) }}

select
    current_versions.job_uuid,
    coalesce(items.sector_uuid, items.sector_name) as sector_uuid,
    min(items.sector_name) as sector_name
from current_versions
inner join items on current_versions.event_id = items.event_id
where coalesce(items.sector_uuid, items.sector_name) is not null
group by current_versions.job_uuid, coalesce(items.sector_uuid, items.sector_name)
