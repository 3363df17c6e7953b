-- One row per job and ordered pair of its steps: which comes first in the flow.
-- direction: 1 when the step is before the other one, -1 when after, 0 when nothing decides.
-- The map decides where it orders both; else the applications that visited both: of n, in k the
-- first visit to the step was before the first visit to the other.
{{ config(
    materialized='keyed',
    meta={'key': 'job_uuid', 'scope': 'int_touched_jobs'}
) }}

with steps as (

    select * from {{ ref('int_steps') }}
    where {{ only_touched('job_uuid', ref('int_touched_jobs')) }}

),

first_visits as (

    select candidate_uuid, job_uuid, step_key, min(visit_number) as visit_number
    from {{ touched_rows(ref('int_visits')) }}
    group by candidate_uuid, job_uuid, step_key

),

counted as (

    select
        first_visits.job_uuid,
        first_visits.step_key,
        others.step_key as other_step_key,
        count(*) as n,
        count(*) filter (where first_visits.visit_number < others.visit_number) as k
    from first_visits
    inner join first_visits as others
        on
            first_visits.candidate_uuid = others.candidate_uuid
            and first_visits.job_uuid = others.job_uuid
            and first_visits.step_key <> others.step_key
    group by first_visits.job_uuid, first_visits.step_key, others.step_key

),

directed as (

    select
        steps.job_uuid,
        steps.step_key,
        others.step_key as other_step_key,
        coalesce(counted.n, 0) as n,
        coalesce(counted.k, 0) as k,
        coalesce(steps.map_order <> others.map_order, false) as is_mapped,
        case
            when steps.map_order < others.map_order then 1
            when steps.map_order > others.map_order then -1
            when 2 * counted.k > counted.n then 1
            when 2 * counted.k < counted.n then -1
            else 0
        end as direction
    from steps
    inner join steps as others
        on steps.job_uuid = others.job_uuid and steps.step_key <> others.step_key
    left join counted
        on
            steps.job_uuid = counted.job_uuid
            and steps.step_key = counted.step_key
            and others.step_key = counted.other_step_key

),

between_steps as (

    select
        earlier.job_uuid,
        earlier.step_key,
        later.other_step_key,
        count(*) as steps_between
    from directed as earlier
    inner join directed as later
        on
            earlier.job_uuid = later.job_uuid
            and earlier.other_step_key = later.step_key
            and earlier.direction = 1
            and later.direction = 1
    group by earlier.job_uuid, earlier.step_key, later.other_step_key

),

final as (

    select
        directed.*,
        coalesce(between_steps.steps_between, 0) as steps_between
    from directed
    left join between_steps
        on
            directed.job_uuid = between_steps.job_uuid
            and directed.step_key = between_steps.step_key
            and directed.other_step_key = between_steps.other_step_key

)

select * from final
