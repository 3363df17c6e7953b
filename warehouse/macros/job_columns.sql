{#- The columns that describe a job: those of jobs and of jobs_history. -#}
{% macro job_columns(alias) -%}
    {%- for name in [
        'title', 'city', 'state', 'country', 'country_code', 'city_full_name', 'latitude',
        'longitude', 'contract', 'period', 'salary_type', 'salary_period', 'salary_min',
        'salary_max', 'salary_details', 'is_published', 'is_closed', 'published_at',
        'company_name', 'company_label_uuid', 'created_at'
    ] %}
    {{ alias }}.{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- The items of a list in the current version of each job, each position once. -#}
{% macro current_job_items(table, columns) -%}
with current_versions as (

    select job_uuid, event_id from {{ ref('int_job_versions') }}
    where is_current

),

items as (

    select distinct event_id, position, {{ columns | join(', ') }}
    from {{ source('raw', table) }}
    where event_id in (select event_id from current_versions)

)
{%- endmacro %}
