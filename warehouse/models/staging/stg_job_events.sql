-- One row per delivery about a job, complete loads only.
-- ordered_at places a delivery among the others of its job: the time of landing, for an import
-- the time that it stands for; an import that gives none stands before all (is_undated).
select
    event_id,
    landed_at,
    coalesce(as_of, landed_at) as ordered_at,
    source = 'import' and as_of is null as is_undated,
    _dlt_load_id as load_id,
    uuid as job_uuid,
    state_hash,
    title,
    city,
    state,
    country,
    country_short as country_code,
    city_full_name,
    city_lat as latitude,
    city_lng as longitude,
    contract,
    period,
    salary_type,
    salary_period,
    salary_min,
    salary_max,
    salary_details,
    is_published,
    is_closed,
    published_at,
    company_name,
    company_label_uuid,
    created_at
from {{ source('raw', 'job_events') }}
where _dlt_load_id in (select load_id from {{ source('raw', '_dlt_loads') }} where status = 0)
