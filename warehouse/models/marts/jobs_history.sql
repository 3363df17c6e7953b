-- One row per version of a job.
{{ config(materialized='view') }}

select
    versions.job_uuid,
    versions.version_number,
    versions.valid_from,
    versions.valid_to,
    versions.is_current,
    versions.possible_revert,
    {{ job_columns('versions') }}
from {{ ref('int_job_versions') }} as versions
