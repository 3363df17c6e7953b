-- Computed by warehouse/estimators.py after the models: see the description.
{{ config(materialized='view') }}

select * from {{ source('estimates', 'time_in_stage_curve') }}
