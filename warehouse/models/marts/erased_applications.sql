-- One row per month of application, job, furthest stage and outcome of applications that were erased.
{{ config(materialized='view') }}

select
    cohort_month,
    job_uuid,
    furthest_stage,
    outcome,
    applications
from {{ ref('anonymous_applications') }}
