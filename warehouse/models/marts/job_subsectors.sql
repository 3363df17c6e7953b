-- One row per job and subsector, as last delivered.
{{ config(materialized='view') }}

{{ current_job_items('job_event_subsectors', ['subsector_uuid', 'subsector_name']) }}

select
    current_versions.job_uuid,
    coalesce(items.subsector_uuid, items.subsector_name) as sector_uuid,
    min(items.subsector_name) as sector_name
from current_versions
inner join items on current_versions.event_id = items.event_id
where coalesce(items.subsector_uuid, items.subsector_name) is not null
group by current_versions.job_uuid, coalesce(items.subsector_uuid, items.subsector_name)
