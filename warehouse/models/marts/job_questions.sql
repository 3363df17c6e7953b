-- One row per job and question of its application form, as last delivered.
{{ config(materialized='view') }}

{{ current_job_items('job_event_questions', ['question_type', 'question_text', 'options']) }}

select
    current_versions.job_uuid,
    items.position,
    items.question_type,
    items.question_text,
    items.options
from current_versions
inner join items on current_versions.event_id = items.event_id
